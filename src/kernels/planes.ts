import type { KernelCall, KernelSource } from '../gpu/kernel-call';
import type { KernelContext } from './context';
import { foldWorkgroups } from './dispatch';
import { blocks, type Tensor } from './tensor';
import { stripsOf } from './work-sharing';

interface PlaneKernel<B> {
  readonly kernel: KernelSource;
  /** Besides the workgroup size. */
  readonly constants?: Readonly<Record<string, number>>;
  /** Determines the planes: one for each image and block of channels. */
  readonly y: Tensor<unknown>;
  readonly bindings: readonly B[];
  readonly params?: Readonly<Record<string, number>>;
  readonly flops: number;
  readonly bytes: number;
}

/** A kernel that processes planes; the shader has `planes`, `inner`, `strip` and `strips` among its parameters. */
export function planeCall<B>(
  context: KernelContext<B>,
  { kernel, constants, y, bindings, params, flops, bytes }: PlaneKernel<B>,
): KernelCall<B> {
  const [batch, channels, height, width] = y.shape;
  const [planes, inner] = [batch * blocks(channels), height * width];
  const { workgroup, strip, strips } = stripsOf(context, inner, planes);
  return {
    kernel,
    label: context.label,
    constants: { WORKGROUP: workgroup, ...constants },
    params: { planes, inner, strip, strips, ...params },
    bindings,
    dispatch: foldWorkgroups(context.traits, planes * strips),
    flops,
    bytes,
  };
}
