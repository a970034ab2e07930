/** Converts between this project's layout (NCHW, OIHW) and an opponent's. */

export type Shape4 = readonly [number, number, number, number];

/** The array with its axes in another order: result axis i is axis order[i] of the data. */
export function permute(
  data: Float32Array,
  shape: Shape4,
  order: Shape4,
): { data: Float32Array<ArrayBuffer>; shape: [number, number, number, number] } {
  const strides = [shape[1] * shape[2] * shape[3], shape[2] * shape[3], shape[3], 1];
  const [a, b, c, d] = order.map((axis) => shape[axis]!) as [number, number, number, number];
  const [sa, sb, sc, sd] = order.map((axis) => strides[axis]!) as [number, number, number, number];
  const result = new Float32Array(data.length);
  let at = 0;
  for (let i = 0; i < a; i++) {
    for (let j = 0; j < b; j++) {
      for (let k = 0; k < c; k++) {
        for (let l = 0; l < d; l++) result[at++] = data[i * sa + j * sb + k * sc + l * sd]!;
      }
    }
  }
  return { data: result, shape: [a, b, c, d] };
}

export const toNhwc = (data: Float32Array, shape: Shape4) => permute(data, shape, [0, 2, 3, 1]);
export const fromNhwc = (data: Float32Array, shape: Shape4) => permute(data, shape, [0, 3, 1, 2]).data;

/**
 * [A, B, KH, KW] to [KH, KW, B, A]: OIHW to HWIO, and the weights of a transposed convolution to those of its
 * adjoint.
 */
export const toFilter = (data: Float32Array, shape: Shape4) => permute(data, shape, [2, 3, 1, 0]);
export const fromFilter = (data: Float32Array, shape: Shape4) => permute(data, shape, [3, 2, 0, 1]).data;
