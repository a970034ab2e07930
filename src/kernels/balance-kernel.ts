import code from '../../shaders/balance_kernel.wgsl?raw';
import type { KernelCall, KernelSource } from '../gpu/kernel-call';
import type { KernelContext } from './context';
import { ceilDivide, foldWorkgroups } from './dispatch';
import { formatShape, requireSameShape, requireThat } from './shapes';
import { blocks, byteLength, ceil4, type Tensors } from './tensor';

const source: KernelSource = { name: 'balance_kernel', code };

/**
 * Removes the alternating part from kernels [I, O, K, K] of an even size K, along each axis; the rest is a (K -
 * 1)-kernel convolved with a 2x2 box. A transposed convolution of stride 2 with such weights has phases with equal
 * sums and leaves no grid on smooth inputs (the cause: Odena et al. 2016, "Deconvolution and checkerboard artifacts";
 * the box: Kinoshita and Kiya 2020, "Fixed smooth convolutional layer"). It is a symmetric projection, so forward and
 * backward are the same function.
 */
export function balanceKernel<B>(
  context: KernelContext<B>,
  { x, y }: Tensors<B, 'x' | 'y'>,
): KernelCall<B>[] {
  const [outer, inner, size, width] = x.shape;
  requireSameShape('balanceKernel', { x, y });
  requireThat(
    'balanceKernel',
    x.layout === 'weight' && size === width && size % 2 === 0,
    `the kernels must be square with an even side, not ${formatShape(x.shape)}.`,
  );
  const o4 = ceil4(outer);
  const kernels = blocks(inner) * o4;
  const workgroup = context.policy.workgroup;
  return [
    {
      kernel: source,
      label: context.label,
      constants: { WORKGROUP: workgroup },
      params: { kernels, o4, size },
      bindings: [x.buffer, y.buffer],
      dispatch: foldWorkgroups(context.traits, ceilDivide(kernels, workgroup)),
      flops: 0,
      bytes: 2 * byteLength(x.shape, x.layout),
    },
  ];
}
