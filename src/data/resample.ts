import { createLinearImage, type LinearImage } from './image';

/** A rectangle in pixels of the source image; pixel i covers i .. i + 1. */
export interface Window {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

/**
 * Resizes a window of an image to width x height: bilinear with antialiasing, that is, a triangle filter as wide as
 * the larger of a source and a target pixel on each side. The image's border is replicated. Windows need not align
 * with pixels.
 */
export function resample(image: LinearImage, window: Window, width: number, height: number): LinearImage {
  const columns = filterTaps(window.x, window.width, width, image.width);
  const rows = filterTaps(window.y, window.height, height, image.height);
  const result = createLinearImage(width, height);
  const sums = new Float64Array(3 * width);
  for (let y = 0; y < height; y++) {
    sums.fill(0);
    for (let k = rows.starts[y] as number, tap = y * rows.count; k < (rows.ends[y] as number); k++, tap++) {
      addFilteredRow(image, k, columns, rows.weights[tap] as number, sums);
    }
    result.data.set(sums, 3 * y * width);
  }
  return result;
}

/** For target sample i: weights[i * count + j] belong to the source samples starts[i] + j, up to ends[i]. */
interface FilterTaps {
  readonly starts: Int32Array;
  readonly ends: Int32Array;
  readonly count: number;
  readonly weights: Float64Array;
}

function filterTaps(offset: number, extent: number, size: number, sourceSize: number): FilterTaps {
  const step = extent / size;
  const radius = Math.max(1, step);
  const count = Math.ceil(2 * radius) + 1;
  const taps: FilterTaps = {
    starts: new Int32Array(size),
    ends: new Int32Array(size),
    count,
    weights: new Float64Array(size * count),
  };
  const clamp = (k: number) => Math.min(Math.max(k, 0), sourceSize - 1);
  for (let i = 0; i < size; i++) {
    const centre = offset + (i + 0.5) * step - 0.5;
    const first = Math.ceil(centre - radius);
    const last = Math.floor(centre + radius);
    const start = clamp(first);
    let sum = 0;
    for (let k = first; k <= last; k++) sum += 1 - Math.abs(k - centre) / radius;
    for (let k = first; k <= last; k++) {
      const at = i * count + clamp(k) - start;
      taps.weights[at] = (taps.weights[at] as number) + (1 - Math.abs(k - centre) / radius) / sum;
    }
    taps.starts[i] = start;
    taps.ends[i] = clamp(last) + 1;
  }
  return taps;
}

/** sums += weight * (source row filtered along x). */
function addFilteredRow(
  { width: sourceWidth, data }: LinearImage,
  row: number,
  columns: FilterTaps,
  weight: number,
  sums: Float64Array,
): void {
  for (let x = 0, to = 0; to < sums.length; x++, to += 3) {
    let r = 0;
    let g = 0;
    let b = 0;
    const end = columns.ends[x] as number;
    for (let k = columns.starts[x] as number, tap = x * columns.count; k < end; k++, tap++) {
      const w = columns.weights[tap] as number;
      const from = 3 * (row * sourceWidth + k);
      r += w * (data[from] as number);
      g += w * (data[from + 1] as number);
      b += w * (data[from + 2] as number);
    }
    sums[to] = (sums[to] as number) + weight * r;
    sums[to + 1] = (sums[to + 1] as number) + weight * g;
    sums[to + 2] = (sums[to + 2] as number) + weight * b;
  }
}
