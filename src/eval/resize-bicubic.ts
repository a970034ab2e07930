import { createPlane, type Plane } from './image';

/**
 * Resizes to width x height by the bicubic filter with antialiasing that the metrics' authors used: the cubic of R.
 * Keys (IEEE TASSP 29(6), 1981) with a = -0.5, stretched when reducing, mirrored beyond the border (edge pixel
 * included). Nothing is rounded or clipped, so values can overshoot.
 */
export function resizeBicubic(plane: Plane, width: number, height: number): Plane {
  return resample(
    plane,
    taps(plane.width, width, width / plane.width),
    taps(plane.height, height, height / plane.height),
  );
}

/** Like `resizeBicubic` by exactly 0.5, to ceil(n / 2) pixels per side: odd sides are not squeezed to fit. */
export function halveBicubic(plane: Plane): Plane {
  return resample(
    plane,
    taps(plane.width, Math.ceil(plane.width / 2), 0.5),
    taps(plane.height, Math.ceil(plane.height / 2), 0.5),
  );
}

/** For target sample i: weights[i * count + k] belongs to the source sample indices[i * count + k]. */
interface Taps {
  readonly size: number;
  readonly scale: number;
  readonly count: number;
  readonly indices: Int32Array;
  readonly weights: Float64Array;
}

function taps(sourceSize: number, size: number, scale: number): Taps {
  const stretch = Math.min(scale, 1);
  const support = 4 / stretch;
  const count = Math.ceil(support) + 2;
  const indices = new Int32Array(size * count);
  const weights = new Float64Array(size * count);
  for (let i = 0; i < size; i++) {
    const centre = (i + 0.5) / scale - 0.5;
    const first = Math.floor(centre - support / 2);
    let sum = 0;
    for (let k = 0; k < count; k++) sum += cubic(stretch * (centre - first - k));
    for (let k = 0; k < count; k++) {
      indices[i * count + k] = mirror(first + k, sourceSize);
      weights[i * count + k] = cubic(stretch * (centre - first - k)) / sum;
    }
  }
  return { size, scale, count, indices, weights };
}

function cubic(distance: number): number {
  const x = Math.abs(distance);
  if (x <= 1) return (1.5 * x - 2.5) * x * x + 1;
  if (x <= 2) return ((-0.5 * x + 2.5) * x - 4) * x + 2;
  return 0;
}

/** ... 1 0 | 0 1 2 ... n-1 | n-1 n-2 ..., as often as needed. */
function mirror(index: number, size: number): number {
  const folded = ((index % (2 * size)) + 2 * size) % (2 * size);
  return folded < size ? folded : 2 * size - 1 - folded;
}

/** The side with the larger reduction goes first, as in the original; the order affects the last bits. */
function resample(plane: Plane, columns: Taps, rows: Taps): Plane {
  return rows.scale <= columns.scale
    ? filterRows(filterColumns(plane, rows), columns)
    : filterColumns(filterRows(plane, columns), rows);
}

/** Along y. */
function filterColumns({ width, data }: Plane, { size, count, indices, weights }: Taps): Plane {
  const result = createPlane(width, size);
  for (let y = 0; y < size; y++) {
    const row = result.data.subarray(y * width, (y + 1) * width);
    for (let k = y * count; k < (y + 1) * count; k++) {
      const weight = weights[k] as number;
      if (weight === 0) continue;
      const from = (indices[k] as number) * width;
      for (let x = 0; x < width; x++) row[x] = (row[x] as number) + weight * (data[from + x] as number);
    }
  }
  return result;
}

/** Along x. */
function filterRows({ width, height, data }: Plane, { size, count, indices, weights }: Taps): Plane {
  const result = createPlane(size, height);
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < size; x++) {
      let sum = 0;
      for (let k = x * count; k < (x + 1) * count; k++) {
        sum += (weights[k] as number) * (data[y * width + (indices[k] as number)] as number);
      }
      result.data[y * size + x] = sum;
    }
  }
  return result;
}
