import backwardCode from '../../shaders/elu_backward.wgsl?raw';
import forwardCode from '../../shaders/elu_forward.wgsl?raw';
import type { KernelCall } from '../gpu/kernel-call';
import { requireSameShape } from './check';
import type { KernelContext } from './context';
import { pointwiseCall } from './pointwise';
import type { Tensor } from './tensor';

const forward = { name: 'elu_forward', code: forwardCode };
const backward = { name: 'elu_backward', code: backwardCode };

/**
 * y = x where x is positive, else exp(x) - 1 (Clevert et al. 2016).
 *
 * @throws {ShapeError} unless x and y have one shape.
 */
export function eluForward<B>(
  context: KernelContext<B>,
  { x, y }: { readonly x: Tensor<B>; readonly y: Tensor<B> },
): KernelCall<B>[] {
  requireSameShape('eluForward', { x, y });
  return [pointwiseCall(context, { kernel: forward, tensors: [x, y], flops: 2 })];
}

/**
 * dx = dy (1 + min(y, 0)), from the output y.
 *
 * @throws {ShapeError} unless y, dy and dx have one shape.
 */
export function eluBackward<B>(
  context: KernelContext<B>,
  { y, dy, dx }: { readonly y: Tensor<B>; readonly dy: Tensor<B>; readonly dx: Tensor<B> },
): KernelCall<B>[] {
  requireSameShape('eluBackward', { y, dy, dx });
  return [pointwiseCall(context, { kernel: backward, tensors: [y, dy, dx], flops: 3 })];
}
