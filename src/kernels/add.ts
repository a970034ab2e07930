import code from '../../shaders/add.wgsl?raw';
import type { KernelCall } from '../gpu/kernel-call';
import { requireSameShape } from './check';
import type { KernelContext } from './context';
import { pointwiseCall } from './pointwise';
import type { Tensor } from './tensor';

const kernel = { name: 'add', code };

/**
 * y = a + b, any layout.
 *
 * @throws {ShapeError} unless a, b and y have one shape.
 */
export function add<B>(
  context: KernelContext<B>,
  { a, b, y }: { readonly a: Tensor<B>; readonly b: Tensor<B>; readonly y: Tensor<B> },
): KernelCall<B>[] {
  requireSameShape('add', { a, b, y });
  return [pointwiseCall(context, { kernel, tensors: [a, b, y], flops: 1 })];
}
