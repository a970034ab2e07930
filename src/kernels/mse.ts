import backwardCode from '../../shaders/mse_backward.wgsl?raw';
import finalCode from '../../shaders/mse_final.wgsl?raw';
import partialCode from '../../shaders/mse_partial.wgsl?raw';
import type { KernelCall, KernelSource } from '../gpu/kernel-call';
import { requireSameShape, requireShape } from './check';
import { finalLanes, splitsOf } from './choice-elementwise';
import type { KernelContext } from './context';
import { foldWorkgroups } from './dispatch';
import { bytesOf, pointwiseCall } from './pointwise';
import { elementCount, storedLength, type Tensor } from './tensor';

const partial = { name: 'mse_partial', code: partialCode };
const final = { name: 'mse_final', code: finalCode };
const backward = { name: 'mse_backward', code: backwardCode };

/**
 * loss = mean of (x - target)^2 over all elements, padding not counted; loss is [1, 1, 1, 1].
 *
 * @throws {ShapeError} unless x and target have one shape and loss is [1, 1, 1, 1].
 */
export function mseForward<B>(
  context: KernelContext<B>,
  tensors: { readonly x: Tensor<B>; readonly target: Tensor<B>; readonly loss: Tensor<B> },
): KernelCall<B>[] {
  return meanOverElements(context, 'mseForward', partial, tensors);
}

/**
 * A mean over all elements in two passes; the first, which adds up what each pair of elements counts, differs
 * from loss to loss.
 *
 * @throws {ShapeError} unless x and target have one shape and loss is [1, 1, 1, 1].
 */
export function meanOverElements<B>(
  context: KernelContext<B>,
  operator: string,
  kernel: KernelSource,
  { x, target, loss }: { readonly x: Tensor<B>; readonly target: Tensor<B>; readonly loss: Tensor<B> },
): KernelCall<B>[] {
  requireSameShape(operator, { x, target });
  requireShape(operator, { loss }, [1, 1, 1, 1], 'one mean for all');
  const { traits, label } = context;
  const length = storedLength(x.shape, x.layout) / 4;
  const count = elementCount(x.shape);
  const { workgroup, strip, strips, partials } = splitsOf(context, 1, 1, length);
  const sums = context.scratch(4 * partials);
  return [
    {
      kernel,
      label,
      constants: { WORKGROUP: workgroup },
      params: [length, strip],
      bindings: [x.buffer, target.buffer, sums],
      dispatch: foldWorkgroups(traits, strips),
      flops: 3 * count,
      bytes: bytesOf(x, target),
    },
    {
      kernel: final,
      label,
      constants: { LANES: finalLanes(context) },
      params: [partials, { f32: 1 / count }],
      bindings: [sums, loss.buffer],
      dispatch: [1, 1, 1],
      flops: partials,
      bytes: 4 * partials,
    },
  ];
}

/**
 * dx = dloss 2 (x - target) / count.
 *
 * @throws {ShapeError} unless x, target and dx have one shape and dloss is [1, 1, 1, 1].
 */
export function mseBackward<B>(
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
  requireSameShape('mseBackward', { x, target, dx });
  requireShape('mseBackward', { dloss }, [1, 1, 1, 1], 'the gradient of one mean');
  const params = [{ f32: 2 / elementCount(x.shape) }];
  return [pointwiseCall(context, { kernel: backward, tensors: [x, target, dx, dloss], params, flops: 2 })];
}
