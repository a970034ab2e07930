import { createPlane, type Plane } from './image';

/** exp(-k^2 / (2 sigma^2)) at `size` whole positions around 0, scaled to sum 1. The 2-D window is its outer product. */
export function gaussianWindow(size: number, sigma: number): Float64Array {
  const window = Float64Array.from({ length: size }, (_, i) =>
    Math.exp(-((i - (size - 1) / 2) ** 2) / (2 * sigma ** 2)),
  );
  const sum = window.reduce((a, b) => a + b);
  return window.map((value) => value / sum);
}

/** Values beyond the picture: the nearest edge pixel, or zeros. */
export type Border = 'replicate' | 'zero';

/** Filters a plane by a window along both axes; the result has the plane's size. */
export function filterSame(plane: Plane, window: Float64Array, border: Border): Plane {
  const { width, height } = plane;
  const across = createPlane(width, height);
  for (let y = 0; y < height; y++) filterLine(plane.data, across.data, y * width, 1, width, window, border);
  const result = createPlane(width, height);
  for (let x = 0; x < width; x++) filterLine(across.data, result.data, x, width, height, window, border);
  return result;
}

/** Filters `length` values that lie `stride` apart. */
function filterLine(
  from: Float64Array,
  to: Float64Array,
  start: number,
  stride: number,
  length: number,
  window: Float64Array,
  border: Border,
): void {
  const radius = (window.length - 1) / 2;
  for (let i = 0; i < length; i++) {
    let sum = 0;
    for (let k = 0; k < window.length; k++) {
      const at = i + k - radius;
      const inside = Math.min(Math.max(at, 0), length - 1);
      if (at === inside || border === 'replicate') {
        sum += (window[k] as number) * (from[start + inside * stride] as number);
      }
    }
    to[start + i * stride] = sum;
  }
}

/** Filters only where the window lies fully inside: (width - n + 1) x (height - n + 1) values. */
export function filterValid({ width, height, data }: Plane, window: Float64Array): Plane {
  const size = window.length;
  const columns = width - size + 1;
  const rows = height - size + 1;
  const across = createPlane(columns, height);
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < columns; x++)
      across.data[y * columns + x] = windowedSum(data, y * width + x, 1, window);
  }
  const result = createPlane(columns, rows);
  for (let i = 0; i < result.data.length; i++) result.data[i] = windowedSum(across.data, i, columns, window);
  return result;
}

function windowedSum(values: Float64Array, start: number, stride: number, window: Float64Array): number {
  let sum = 0;
  for (let k = 0; k < window.length; k++)
    sum += (window[k] as number) * (values[start + k * stride] as number);
  return sum;
}
