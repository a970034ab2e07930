import type { KernelCall } from '../gpu/kernel-call';
import { axisSum } from './axis-sum';
import type { KernelContext } from './context';
import { requireShape } from './shapes';
import { blocks, type Tensors } from './tensor';

/**
 * y[1, C, 1, 1] = sum of x over batch and space: the gradient of a bias.
 *
 * @throws {ShapeError} unless y is [1, C, 1, 1].
 */
export function channelSum<B>(context: KernelContext<B>, { x, y }: Tensors<B, 'x' | 'y'>): KernelCall<B>[] {
  const [batch, channels, height, width] = x.shape;
  requireShape('channelSum', { x }, x.shape, 'convolution weights have no channel axis to keep');
  requireShape('channelSum', { y }, [1, channels, 1, 1], 'one sum per channel of x');
  return axisSum(context, {
    x: x.buffer,
    y: y.buffer,
    outer: batch,
    kept: blocks(channels),
    inner: height * width,
  });
}
