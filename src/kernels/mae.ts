import backwardCode from '../../shaders/mae_backward.wgsl?raw';
import partialCode from '../../shaders/mae_partial.wgsl?raw';
import type { KernelCall } from '../gpu/kernel-call';
import { requireSameShape, requireShape } from './check';
import type { KernelContext } from './context';
import { meanOverElements } from './mse';
import { pointwiseCall } from './pointwise';
import { elementCount, type Tensor } from './tensor';

const partial = { name: 'mae_partial', code: partialCode };
const backward = { name: 'mae_backward', code: backwardCode };

/**
 * loss = mean of |x - target| over all elements, padding not counted; loss is [1, 1, 1, 1].
 *
 * @throws {ShapeError} unless x and target have one shape and loss is [1, 1, 1, 1].
 */
export function maeForward<B>(
  context: KernelContext<B>,
  tensors: { readonly x: Tensor<B>; readonly target: Tensor<B>; readonly loss: Tensor<B> },
): KernelCall<B>[] {
  return meanOverElements(context, 'maeForward', partial, tensors);
}

/**
 * dx = dloss sign(x - target) / count.
 *
 * @throws {ShapeError} unless x, target and dx have one shape and dloss is [1, 1, 1, 1].
 */
export function maeBackward<B>(
  context: KernelContext<B>,
  {
    x,
    target,
    dloss,
    dx,
  }: {
    readonly x: Tensor<B>;
    readonly target: Tensor<B>;
    readonly dloss: Tensor<B>;
    readonly dx: Tensor<B>;
  },
): KernelCall<B>[] {
  requireSameShape('maeBackward', { x, target, dx });
  requireShape('maeBackward', { dloss }, [1, 1, 1, 1], 'the gradient of one mean');
  const params = [{ f32: 1 / elementCount(x.shape) }];
  return [pointwiseCall(context, { kernel: backward, tensors: [x, target, dx, dloss], params, flops: 2 })];
}
