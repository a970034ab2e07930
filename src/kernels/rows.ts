import type { KernelCall, KernelSource } from '../gpu/kernel-call';
import type { Choosing, KernelContext } from './context';
import { ceilDivide, foldWorkgroups } from './dispatch';
import { bytesOf } from './pointwise';
import { blocks, type Shape, type Tensor } from './tensor';
import { rowTileOf } from './work-sharing';

/** The dispatch of a kernel for rows of `width` vec4, or of as many pixels; its shader has the parameter `rows_each`. */
export function rowWork({ traits, policy }: Choosing, rows: number, width: number) {
  const { lanesX, lanesY, rows: rowsEach } = rowTileOf({ traits, policy }, rows, width);
  return {
    constants: { LANES_X: lanesX, LANES_Y: lanesY },
    params: { rows_each: rowsEach },
    dispatch: foldWorkgroups(traits, ceilDivide(rows, lanesY * rowsEach)),
  };
}

interface RowKernel<B> {
  readonly kernel: KernelSource;
  /** Rows over all planes, and vec4 (or windows) in each. */
  readonly rows: number;
  readonly width: number;
  /** In binding order; each is read or written once. */
  readonly tensors: readonly Tensor<B>[];
  readonly params: Readonly<Record<string, number>>;
  readonly flops: number;
}

/** Rows of all planes of a tensor, and its width. */
export const rowsOf = ({ shape: [n, channels, height, width] }: Tensor<unknown>) => ({
  rows: n * blocks(channels) * height,
  width,
});

/** The sizes of two tensors as parameters. */
export const sizesOf = (x: Shape, y: Shape) => ({ x_h: x[2], x_w: x[3], y_h: y[2], y_w: y[3] });

/** A kernel that processes rows of an image; the shader has `rows` and `rows_each` among its parameters. */
export function rowCall<B>(
  context: KernelContext<B>,
  { kernel, rows, width, tensors, params, flops }: RowKernel<B>,
): KernelCall<B> {
  const work = rowWork(context, rows, width);
  return {
    kernel,
    label: context.label,
    ...work,
    params: { rows, ...work.params, ...params },
    bindings: tensors.map(({ buffer }) => buffer),
    flops,
    bytes: bytesOf(...tensors),
  };
}
