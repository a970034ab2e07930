import code from '../../../shaders/weight_transpose.wgsl?raw';
import type { KernelCall, KernelSource } from '../../gpu/kernel-call';
import type { KernelContext } from '../context';
import { ceilDivide, foldWorkgroups } from '../dispatch';
import { blocks, byteLength, type Shape, type Tensor } from '../tensor';

const kernel: KernelSource = { name: 'weight_transpose', code };

/** Weights with their channel axes swapped, in a scratch buffer, and the call that fills it. */
export function transposedWeights<B>(
  context: KernelContext<B>,
  w: Tensor<B>,
): { wt: Tensor<B>; call: KernelCall<B> } {
  const [o, i, kernelH, kernelW] = w.shape;
  const shape: Shape = [i, o, kernelH, kernelW];
  const bytes = byteLength(shape, 'weight', w.precision);
  const wt: Tensor<B> = { ...w, shape, buffer: context.scratch(bytes) };
  const size = context.policy.workgroup;
  const taps = kernelH * kernelW;
  const call: KernelCall<B> = {
    kernel,
    label: context.label,
    constants: { WORKGROUP: size },
    params: { i_blocks: blocks(i), o_blocks: blocks(o), taps },
    bindings: [w.buffer, wt.buffer],
    dispatch: foldWorkgroups(context.traits, ceilDivide(blocks(i) * blocks(o) * taps, size)),
    flops: 0,
    bytes: 2 * bytes,
  };
  return { wt, call };
}
