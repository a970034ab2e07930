import backwardCode from '../../shaders/sum_product_backward.wgsl?raw';
import forwardCode from '../../shaders/sum_product_forward.wgsl?raw';
import type { KernelCall } from '../gpu/kernel-call';
import { requireSameShape } from './check';
import type { KernelContext } from './context';
import { pointwiseCall } from './pointwise';
import type { Tensor } from './tensor';

const forward = { name: 'sum_product_forward', code: forwardCode };
const backward = { name: 'sum_product_backward', code: backwardCode };

/**
 * y = a + b + a b, any layout.
 *
 * @throws {ShapeError} unless a, b and y have one shape.
 */
export function sumProductForward<B>(
  context: KernelContext<B>,
  { a, b, y }: { readonly a: Tensor<B>; readonly b: Tensor<B>; readonly y: Tensor<B> },
): KernelCall<B>[] {
  requireSameShape('sumProductForward', { a, b, y });
  return [pointwiseCall(context, { kernel: forward, tensors: [a, b, y], flops: 3 })];
}

/**
 * da = dy (1 + b): the gradient with respect to one side, from the other.
 *
 * @throws {ShapeError} unless b, dy and da have one shape.
 */
export function sumProductBackward<B>(
  context: KernelContext<B>,
  { b, dy, da }: { readonly b: Tensor<B>; readonly dy: Tensor<B>; readonly da: Tensor<B> },
): KernelCall<B>[] {
  requireSameShape('sumProductBackward', { b, dy, da });
  return [pointwiseCall(context, { kernel: backward, tensors: [b, dy, da], flops: 2 })];
}
