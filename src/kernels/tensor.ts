import type { Precision } from '../gpu/kernel-call';

/**
 * How numbers are stored in a buffer.
 *
 * `activation`: shape [N, C, H, W] stored as [N][ceil(C/4)][H][W] of vec4 over channels (NC4HW4). `weight`: shape [O,
 * I, KH, KW] stored as [ceil(I/4)][KH][KW][O4] of vec4 over input channels, with O4 = O rounded up to a multiple of
 * 4. The padding is zero, and every kernel keeps it zero.
 */
export type Layout = 'activation' | 'weight';

export type Shape = readonly [number, number, number, number];

/** A shaped view of a whole buffer. Vectors over channels (bias, batch-norm scale) have shape [1, C, 1, 1]. */
export interface Tensor<B> {
  readonly shape: Shape;
  readonly layout: Layout;
  readonly buffer: B;
  /** f32 when absent. */
  readonly precision?: Precision;
}

/** Tensors by their names in an operator. */
export type Tensors<B, Names extends string> = Readonly<Record<Names, Tensor<B>>>;

/** Rounds up to a multiple of four. */
export const ceil4 = (n: number): number => (n + 3) & ~3;

/** Number of blocks of four channels. */
export const blocks = (channels: number): number => (channels + 3) >> 2;

/** Number of values the tensor takes in memory, padding included. */
export function storedLength(shape: Shape, layout: Layout): number {
  const [a, b, c, d] = shape;
  return layout === 'activation' ? a * ceil4(b) * c * d : ceil4(a) * ceil4(b) * c * d;
}

export const byteLength = (shape: Shape, layout: Layout, precision: Precision = 'f32'): number =>
  (precision === 'f32' ? 4 : 2) * storedLength(shape, layout);

/** Number of elements without padding. */
export const elementCount = (shape: Shape): number => shape[0] * shape[1] * shape[2] * shape[3];

/** Index in the stored array of element (i0, i1, i2, i3) of the shape. */
export function storedIndex(
  shape: Shape,
  layout: Layout,
  i0: number,
  i1: number,
  i2: number,
  i3: number,
): number {
  const [n, c, h, w] = shape;
  if (layout === 'activation') {
    return (((i0 * blocks(c) + (i1 >> 2)) * h + i2) * w + i3) * 4 + (i1 & 3);
  }
  return ((((i1 >> 2) * h + i2) * w + i3) * ceil4(n) + i0) * 4 + (i1 & 3);
}

/**
 * Visits runs of elements that are evenly spaced in both orders: the start of a run in dense and in stored order, its
 * length and its stored stride. These are whole planes of activations, or lines of weights.
 */
function forEachRun(
  shape: Shape,
  layout: Layout,
  visit: (dense: number, stored: number, length: number, stride: number) => void,
) {
  const [a, b, c, d] = shape;
  const isActivation = layout === 'activation';
  const [lines, length, stride] = isActivation ? [1, c * d, 4] : [c, d, 4 * ceil4(a)];
  let dense = 0;
  for (let i = 0; i < a; i++) {
    for (let j = 0; j < b; j++) {
      for (let k = 0; k < lines; k++, dense += length) {
        visit(dense, storedIndex(shape, layout, i, j, k, 0), length, stride);
      }
    }
  }
}

/**
 * Dense row-major (NCHW or OIHW) to the stored order.
 *
 * @param stored an array from an earlier call with the same shape, to be reused.
 */
export function pack(
  dense: ArrayLike<number>,
  shape: Shape,
  layout: Layout,
  stored = new Float32Array(storedLength(shape, layout)),
): Float32Array<ArrayBuffer> {
  forEachRun(shape, layout, (from, start, length, stride) => {
    let to = start;
    for (let l = from; l < from + length; l++, to += stride) stored[to] = dense[l]!;
  });
  return stored;
}

/** The stored order to dense row-major (NCHW or OIHW). */
export function unpack(stored: ArrayLike<number>, shape: Shape, layout: Layout): Float32Array<ArrayBuffer> {
  const dense = new Float32Array(elementCount(shape));
  forEachRun(shape, layout, (start, from, length, stride) => {
    let l = from;
    for (let to = start; to < start + length; to++, l += stride) dense[to] = stored[l]!;
  });
  return dense;
}
