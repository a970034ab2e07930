import backwardCode from '../../shaders/relu_backward.wgsl?raw';
import forwardCode from '../../shaders/relu_forward.wgsl?raw';
import type { KernelCall } from '../gpu/kernel-call';
import { requireSameShape } from './check';
import type { KernelContext } from './context';
import { pointwiseCall } from './pointwise';
import type { Tensor } from './tensor';

const forward = { name: 'relu_forward', code: forwardCode };
const backward = { name: 'relu_backward', code: backwardCode };

/**
 * y = max(x, 0).
 *
 * @throws {ShapeError} unless x and y have one shape.
 */
export function reluForward<B>(
  context: KernelContext<B>,
  { x, y }: { readonly x: Tensor<B>; readonly y: Tensor<B> },
): KernelCall<B>[] {
  requireSameShape('reluForward', { x, y });
  return [pointwiseCall(context, { kernel: forward, tensors: [x, y], flops: 1 })];
}

/**
 * dx = dy where the output y is positive, else 0.
 *
 * @throws {ShapeError} unless y, dy and dx have one shape.
 */
export function reluBackward<B>(
  context: KernelContext<B>,
  { y, dy, dx }: { readonly y: Tensor<B>; readonly dy: Tensor<B>; readonly dx: Tensor<B> },
): KernelCall<B>[] {
  requireSameShape('reluBackward', { y, dy, dx });
  return [pointwiseCall(context, { kernel: backward, tensors: [y, dy, dx], flops: 1 })];
}
