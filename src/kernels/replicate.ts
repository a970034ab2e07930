import code from '../../shaders/replicate.wgsl?raw';
import type { KernelCall } from '../gpu/kernel-call';
import { axisSum } from './axis-sum';
import type { KernelContext } from './context';
import { foldWorkgroups } from './dispatch';
import { bytesOf } from './pointwise';
import { requireShape } from './shapes';
import { blocks, type Tensor } from './tensor';
import { stripsOf } from './work-sharing';

const forward = { name: 'replicate', code };

/**
 * y[n, c, h, w] = x[n, c]: one vector per image over a plane.
 *
 * @throws {ShapeError} unless x is [N, C, 1, 1] for y [N, C, H, W].
 */
export function replicateForward<B>(
  context: KernelContext<B>,
  { x, y }: { readonly x: Tensor<B>; readonly y: Tensor<B> },
): KernelCall<B>[] {
  const [batch, channels, height, width] = y.shape;
  requireShape('replicateForward', { y }, y.shape, 'an activation');
  requireShape('replicateForward', { x }, [batch, channels, 1, 1], 'one vector per image of y');
  const planes = batch * blocks(channels);
  const inner = height * width;
  const { workgroup, strip, strips } = stripsOf(context, inner, planes);
  return [
    {
      kernel: forward,
      label: context.label,
      constants: { WORKGROUP: workgroup },
      params: { planes, inner, strip, strips },
      bindings: [x.buffer, y.buffer],
      dispatch: foldWorkgroups(context.traits, planes * strips),
      flops: 0,
      bytes: bytesOf(x, y),
    },
  ];
}

/**
 * dx[n, c] = sum of dy over the plane.
 *
 * @throws {ShapeError} unless dx is [N, C, 1, 1] for dy [N, C, H, W].
 */
export function replicateBackward<B>(
  context: KernelContext<B>,
  { dy, dx }: { readonly dy: Tensor<B>; readonly dx: Tensor<B> },
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
