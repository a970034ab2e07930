import code from '../../shaders/replicate.wgsl?raw';
import type { KernelCall } from '../gpu/kernel-call';
import { axisSum } from './axis-sum';
import type { KernelContext } from './context';
import { planeCall } from './planes';
import { bytesOf } from './pointwise';
import { requireShape } from './shapes';
import { blocks, type Tensors } from './tensor';

const forward = { name: 'replicate', code };

/**
 * y[n, c, h, w] = x[n, c]: one vector per image over a plane.
 *
 * @throws {ShapeError} unless x is [N, C, 1, 1] for y [N, C, H, W].
 */
export function replicateForward<B>(
  context: KernelContext<B>,
  { x, y }: Tensors<B, 'x' | 'y'>,
): KernelCall<B>[] {
  const [batch, channels] = y.shape;
  requireShape('replicateForward', { y }, y.shape, 'an activation');
  requireShape('replicateForward', { x }, [batch, channels, 1, 1], 'one vector per image of y');
  const bindings = [x.buffer, y.buffer];
  return [planeCall(context, { kernel: forward, y, bindings, flops: 0, bytes: bytesOf(x, y) })];
}

/**
 * dx[n, c] = sum of dy over the plane.
 *
 * @throws {ShapeError} unless dx is [N, C, 1, 1] for dy [N, C, H, W].
 */
export function replicateBackward<B>(
  context: KernelContext<B>,
  { dy, dx }: Tensors<B, 'dy' | 'dx'>,
): KernelCall<B>[] {
  const [batch, channels, height, width] = dy.shape;
  requireShape('replicateBackward', { dy }, dy.shape, 'an activation');
  requireShape('replicateBackward', { dx }, [batch, channels, 1, 1], 'one vector per image of dy');
  return axisSum(context, {
    x: dy.buffer,
    y: dx.buffer,
    outer: 1,
    kept: batch * blocks(channels),
    inner: height * width,
  });
}
