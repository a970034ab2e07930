import type { KernelCall, KernelSource } from '../gpu/kernel-call';
import type { KernelContext } from './context';
import { ceilDivide, foldWorkgroups } from './dispatch';
import { bytesOf } from './pointwise';
import type { Tensor } from './tensor';
import { rowTileOf } from './work-sharing';

export interface RowKernel<B> {
  readonly kernel: KernelSource;
  /** Rows over all planes, and vec4 (or windows) in each. */
  readonly rows: number;
  readonly width: number;
  /** In binding order; each is read or written once. */
  readonly tensors: readonly Tensor<B>[];
  readonly params: Readonly<Record<string, number>>;
  readonly flops: number;
}

/** A kernel that processes rows of an image; the shader has `rows` and `rows_each` among its parameters. */
export function rowCall<B>(
  context: KernelContext<B>,
  { kernel, rows, width, tensors, params, flops }: RowKernel<B>,
): KernelCall<B> {
  const tile = rowTileOf(context, rows, width);
  return {
    kernel,
    label: context.label,
    constants: { LANES_X: tile.lanesX, LANES_Y: tile.lanesY },
    params: { rows, rows_each: tile.rows, ...params },
    bindings: tensors.map(({ buffer }) => buffer),
    dispatch: foldWorkgroups(context.traits, ceilDivide(rows, tile.lanesY * tile.rows)),
    flops,
    bytes: bytesOf(...tensors),
  };
}
