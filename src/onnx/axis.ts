import type { OnnxGraph } from './onnx-graph';

/** How far a picture is extended beyond its far border. */
export interface Padding {
  /** The extended side is a multiple of this. */
  readonly multiple: number;
  /** The extended side is at least this. */
  readonly least: number;
}

/** The operations that the export needs along one axis of a picture of `size` pixels. */
export interface Axis {
  /** int64 [1]. */
  readonly size: string;
  /**
   * [places, size]: the weight of each pixel in each place of the view. Area-averaged where the picture is larger
   * than the view, otherwise bilinear with half-pixel centres.
   */
  view(places: number): string;
  /** [size, places]: the weight of each of `places` samples, spread over the picture, in each pixel. Bilinear. */
  spread(places: number): string;
  /**
   * int64 [extended size]: the source pixel of each position; mirrored beyond the far border, repeating the last
   * pixel.
   */
  mirrored(padding: Padding): string;
}

/** An axis whose size is known only at run time; `size` is int64 [1]. */
export function dynamicAxis(graph: OnnxGraph, size: string): Axis {
  const pixels = graph.cast(size, 'float');
  const count = (length: string) =>
    graph.node('Range', [graph.integer(0), graph.node('Squeeze', [length]), graph.integer(1)]);
  const indices = graph.cast(count(size), 'float');
  const add = (a: string, b: number) => graph.node('Add', [a, graph.real(b)]);
  const times = (a: string, b: number) => graph.node('Mul', [a, graph.real(b)]);
  const column = (places: number, shift: number) =>
    graph.reals(
      Array.from({ length: places }, (_, place) => place + shift),
      [places, 1],
    );
  /** max(0, 1 - |a - b|): the weight of a neighbour at distance |a - b|. */
  const tent = (a: string, b: string) => {
    const distance = graph.node('Abs', [graph.node('Sub', [a, b])]);
    return graph.node('Relu', [graph.node('Sub', [graph.real(1), distance])]);
  };

  function area(places: number): string {
    // In units of 1 / (places size): whole numbers, exact in float up to 2^24.
    const end = graph.node('Min', [
      times(add(indices, 1), places),
      graph.node('Mul', [column(places, 1), pixels]),
    ]);
    const begin = graph.node('Max', [times(indices, places), graph.node('Mul', [column(places, 0), pixels])]);
    const overlap = graph.node('Relu', [graph.node('Sub', [end, begin])]);
    return graph.node('Div', [overlap, pixels]);
  }

  function enlarged(places: number): string {
    const scaled = graph.node('Div', [graph.node('Mul', [column(places, 0.5), pixels]), graph.real(places)]);
    const inside = graph.node('Min', [
      graph.node('Max', [add(scaled, -0.5), graph.real(0)]),
      add(pixels, -1),
    ]);
    return tent(inside, indices);
  }

  return {
    size,
    view(places) {
      const shrinks = graph.node('Greater', [pixels, graph.real(places)]);
      return graph.node('Where', [shrinks, area(places), enlarged(places)]);
    },
    spread(places) {
      const rows = graph.node('Unsqueeze', [indices, graph.integers([1])]);
      const scaled = graph.node('Div', [times(add(rows, 0.5), places), pixels]);
      const inside = graph.node('Clip', [add(scaled, -0.5), graph.real(0), graph.real(places - 1)]);
      const samples = Array.from({ length: places }, (_, place) => place);
      return tent(inside, graph.reals(samples, [places]));
    },
    mirrored({ multiple, least }) {
      const [step, twice] = [graph.integers([multiple]), graph.node('Mul', [size, graph.integers([2])])];
      const steps = graph.node('Div', [graph.node('Add', [size, graph.integers([multiple - 1])]), step]);
      const padded = graph.node('Mul', [
        graph.node('Max', [steps, graph.integers([Math.ceil(least / multiple)])]),
        step,
      ]);
      const phase = graph.node('Mod', [count(padded), twice]);
      const back = graph.node('Sub', [graph.node('Sub', [twice, graph.integers([1])]), phase]);
      return graph.node('Min', [phase, back]);
    },
  };
}

/** An axis of known size: matrices and indices are constants. */
export function fixedAxis(graph: OnnxGraph, size: number): Axis {
  const matrix = (rows: number, columns: number, weight: (row: number, column: number) => number) => {
    const values = Array.from({ length: rows * columns }, (_, k) =>
      weight(Math.floor(k / columns), k % columns),
    );
    return graph.reals(values, [rows, columns]);
  };
  return {
    size: graph.integers([size]),
    view: (places) =>
      matrix(places, size, (place, pixel) =>
        size > places
          ? Math.max(
              Math.min((pixel + 1) * places, (place + 1) * size) - Math.max(pixel * places, place * size),
              0,
            ) / size
          : tentAt(((place + 0.5) * size) / places - 0.5, pixel, size),
      ),
    spread: (places) =>
      matrix(size, places, (pixel, place) => tentAt(((pixel + 0.5) * places) / size - 0.5, place, places)),
    mirrored: ({ multiple, least }) => {
      const length = paddedSize(size, { multiple, least });
      return graph.integers(
        Array.from({ length }, (_, place) => {
          const phase = place % (2 * size);
          return Math.min(phase, 2 * size - 1 - phase);
        }),
      );
    },
  };
}

/** The side of a picture after padding. */
const paddedSize = (size: number, { multiple, least }: Padding): number =>
  Math.max(Math.ceil(size / multiple), Math.ceil(least / multiple)) * multiple;

/** The weight of sample `at` for a position that is clamped to the `count` samples. */
function tentAt(position: number, at: number, count: number): number {
  const inside = Math.min(Math.max(position, 0), count - 1);
  return Math.max(0, 1 - Math.abs(inside - at));
}
