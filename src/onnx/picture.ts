import { type Axis, dynamicAxis, fixedAxis, type Padding } from './axis';
import type { ValueInfo } from './message';
import type { OnnxGraph } from './onnx-graph';

/** Height and width in pixels. */
export interface PictureSize {
  readonly height: number;
  readonly width: number;
}

/** The spatial axes of a picture [N, 3, H, W]. */
const [ROWS, COLUMNS] = [2, 3] as const;

/**
 * The operations around a network: 8-bit sRGB pictures [N, H, W, 3] in and out. Does the same as
 * `enhance/global-view.ts` and `enhance/pixels.ts`, in ONNX operators.
 */
export class Picture {
  readonly rows: Axis;
  readonly columns: Axis;
  readonly inputs: readonly ValueInfo[];
  /** Levels 0..255, float [N, 3, H, W]. */
  readonly #levels: string;
  /** sRGB in 0..1, float [N, 3, H, W]. */
  readonly pixels: string;
  readonly #strength: string;
  readonly #graph: OnnxGraph;
  readonly #dims: ValueInfo['dims'];

  /** @param fixed the only supported size. Default: any. */
  constructor(graph: OnnxGraph, fixed: PictureSize | undefined) {
    this.#graph = graph;
    const photo = graph.input('photo');
    this.#strength = graph.input('strength');
    this.#dims = ['N', fixed?.height ?? 'H', fixed?.width ?? 'W', 3];
    this.inputs = [
      { name: photo, type: 'uint8', dims: this.#dims, description: 'sRGB pictures, upright' },
      {
        ...{ name: this.#strength, type: 'float', dims: [] },
        description: '0: the photo as it is; 1: the picture of the network; between: a mix',
      },
    ];
    if (fixed) {
      this.rows = fixedAxis(graph, fixed.height);
      this.columns = fixedAxis(graph, fixed.width);
    } else {
      const shape = graph.node('Shape', [photo]);
      const side = (axis: number) =>
        dynamicAxis(graph, graph.node('Gather', [shape, graph.integers([axis])]));
      this.rows = side(1);
      this.columns = side(2);
    }
    this.#levels = graph.node('Transpose', [graph.cast(photo, 'float')], { perm: [0, 3, 1, 2] });
    this.pixels = graph.node('Div', [this.#levels, graph.real(255)]);
  }

  /** The whole picture as size x size: float [N, 3, size, size]. */
  view(size: number): string {
    const columns = this.#graph.node('Transpose', [this.columns.view(size)], { perm: [1, 0] });
    const narrow = this.#graph.node('MatMul', [this.pixels, columns]);
    return this.#graph.node('MatMul', [this.rows.view(size), narrow], {}, 'view');
  }

  /** The picture, padded to sides that the network accepts. */
  extended(padding: Padding): string {
    const tall = this.#graph.node('Gather', [this.pixels, this.rows.mirrored(padding)], { axis: ROWS });
    const indices = this.columns.mirrored(padding);
    return this.#graph.node('Gather', [tall, indices], { axis: COLUMNS }, 'extended');
  }

  /** The network's output without the padding. */
  cropped(values: string): string {
    const graph = this.#graph;
    const ends = graph.node('Concat', [this.rows.size, this.columns.size], { axis: 0 });
    const axes = graph.integers([ROWS, COLUMNS]);
    return graph.node('Slice', [values, graph.integers([0, 0]), ends, axes]);
  }

  /**
   * The network's output [N, 3, H, W] as pictures: clipped, blended with the photo by strength, rounded.
   *
   * @param keepOffEnds prevents values from reaching 0 or 255 unless they were there already.
   */
  finished(values: string, { keepOffEnds }: { readonly keepOffEnds: boolean }): ValueInfo {
    const graph = this.#graph;
    const clipped = graph.node('Clip', [values, graph.real(0), graph.real(1)]);
    const change = graph.node('Mul', [this.#strength, graph.node('Sub', [clipped, this.pixels])]);
    const mixed = graph.node('Mul', [graph.node('Add', [this.pixels, change]), graph.real(255)]);
    let levels = graph.node('Floor', [graph.node('Add', [mixed, graph.real(0.5)])]);
    if (keepOffEnds) {
      const least = graph.node('Min', [this.#levels, graph.real(1)]);
      const most = graph.node('Max', [this.#levels, graph.real(254)]);
      levels = graph.node('Min', [graph.node('Max', [levels, least]), most]);
    }
    const interleaved = graph.node('Transpose', [levels], { perm: [0, 2, 3, 1] });
    const name = graph.cast(interleaved, 'uint8', 'enhanced');
    return { name, type: 'uint8', dims: this.#dims, description: 'the enhanced pictures' };
  }
}
