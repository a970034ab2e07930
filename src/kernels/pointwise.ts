import type { KernelCall, KernelSource } from '../gpu/kernel-call';
import type { KernelContext } from './context';
import { foldWorkgroups } from './dispatch';
import { byteLength, elementCount, storedLength, type Tensor } from './tensor';
import { stripsOf } from './work-sharing';

/** Total bytes of the tensors. */
export const bytesOf = (...tensors: readonly Tensor<unknown>[]): number =>
  tensors.reduce((sum, { shape, layout, precision }) => sum + byteLength(shape, layout, precision), 0);

/** A kernel that makes one pass over tensors of the same shape. */
interface Pointwise<B> {
  readonly kernel: KernelSource;
  /** Besides the workgroup size. */
  readonly constants?: Readonly<Record<string, number>>;
  /** In binding order; the first determines the length. */
  readonly tensors: readonly [Tensor<B>, ...Tensor<B>[]];
  readonly params?: Readonly<Record<string, number>>;
  /** Floating-point operations per element. */
  readonly flops: number;
  /** Bytes read plus written, if not one pass over each tensor. */
  readonly bytes?: number;
}

/** One pass over tensors of the same shape; the shader has `length` and `strip`, in vec4, among its parameters. */
export function pointwiseCall<B>(
  context: KernelContext<B>,
  { kernel, constants, tensors, params, flops, bytes }: Pointwise<B>,
): KernelCall<B> {
  const [{ shape, layout }] = tensors;
  const length = storedLength(shape, layout) / 4;
  const { workgroup, strip, strips } = stripsOf(context, length);
  return {
    kernel,
    label: context.label,
    constants: { ...constants, WORKGROUP: workgroup },
    params: { length, strip, ...params },
    bindings: tensors.map(({ buffer }) => buffer),
    dispatch: foldWorkgroups(context.traits, strips),
    flops: flops * elementCount(shape),
    bytes: bytes ?? bytesOf(...tensors),
  };
}
