import { elementCount, type Shape } from '../../src/kernels/tensor';

/** A dense row-major array (NCHW, or OIHW for weights) in float64: what the oracle computes with. */
export interface Dense {
  readonly shape: Shape;
  readonly data: Float64Array;
}

export const zeros = (shape: Shape): Dense => ({ shape, data: new Float64Array(elementCount(shape)) });

export const dense = (shape: Shape, data: ArrayLike<number>): Dense => {
  if (data.length !== elementCount(shape)) {
    throw new Error(`${data.length} numbers do not fill the shape [${shape.join(', ')}]`);
  }
  return { shape, data: Float64Array.from(data) };
};

/** A vector over channels, shape [1, C, 1, 1]. */
export const channelVector = (data: ArrayLike<number>): Dense => dense([1, data.length, 1, 1], data);

export const offset = (shape: Shape, i: number, j: number, k: number, l: number): number =>
  ((i * shape[1] + j) * shape[2] + k) * shape[3] + l;

export const get = (t: Dense, i: number, j: number, k: number, l: number): number =>
  t.data[offset(t.shape, i, j, k, l)]!;

export const addTo = (t: Dense, i: number, j: number, k: number, l: number, value: number): void => {
  t.data[offset(t.shape, i, j, k, l)]! += value;
};

/** Calls `visit` with every index of the shape in row-major order. */
export function forEachIndex(
  shape: Shape,
  visit: (i: number, j: number, k: number, l: number) => void,
): void {
  for (let i = 0; i < shape[0]; i++) {
    for (let j = 0; j < shape[1]; j++) {
      for (let k = 0; k < shape[2]; k++) {
        for (let l = 0; l < shape[3]; l++) visit(i, j, k, l);
      }
    }
  }
}

/** A new array whose elements are computed from their index. */
export function build(shape: Shape, value: (i: number, j: number, k: number, l: number) => number): Dense {
  const result = zeros(shape);
  forEachIndex(shape, (i, j, k, l) => {
    result.data[offset(shape, i, j, k, l)] = value(i, j, k, l);
  });
  return result;
}
