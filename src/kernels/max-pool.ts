import code from '../../shaders/max_pool.wgsl?raw';
import type { KernelCall } from '../gpu/kernel-call';
import type { KernelContext } from './context';
import { ceilDivide } from './dispatch';
import { rowCall, rowsOf, sizesOf } from './rows';
import { requireShape, requireThat } from './shapes';
import { blocks, elementCount, type Shape, type Tensor, type Tensors } from './tensor';

const forward = { name: 'max_pool', code, entryPoint: 'forward' };
const gradient = { name: 'max_pool_gradient', code, entryPoint: 'gradient' };

/** Shape of the pooled tensor; throws for images smaller than a window. */
function pooledShape(operator: string, x: Tensor<unknown>): Shape {
  const [batch, channels, height, width] = x.shape;
  requireShape(operator, { x }, x.shape, 'an activation');
  requireThat(operator, height > 1 && width > 1, `x of ${height} x ${width} holds no window of 2 x 2.`);
  return [batch, channels, height >> 1, width >> 1];
}

/**
 * y = maximum over windows of 2x2, stride 2; an odd last row or column is left out.
 *
 * @throws {ShapeError} unless y is [N, C, floor(H / 2), floor(W / 2)] and not empty.
 */
export function maxPoolForward<B>(
  context: KernelContext<B>,
  { x, y }: Tensors<B, 'x' | 'y'>,
): KernelCall<B>[] {
  const pooled = pooledShape('maxPoolForward', x);
  requireShape('maxPoolForward', { y }, pooled, 'half of x');
  const params = sizesOf(x.shape, pooled);
  const flops = 3 * elementCount(pooled);
  return [rowCall(context, { kernel: forward, ...rowsOf(y), tensors: [x, y], params, flops })];
}

/**
 * dx = dy at the first maximum, in row-major order, of each window of x, and 0 elsewhere.
 *
 * @throws {ShapeError} unless dx is shaped as x and dy is [N, C, floor(H / 2), floor(W / 2)].
 */
export function maxPoolBackward<B>(
  context: KernelContext<B>,
  { x, dy, dx }: Tensors<B, 'x' | 'dy' | 'dx'>,
): KernelCall<B>[] {
  const pooled = pooledShape('maxPoolBackward', x);
  requireShape('maxPoolBackward', { dy }, pooled, 'half of x');
  requireShape('maxPoolBackward', { dx }, x.shape, 'as x is');
  const [batch, channels, height, width] = x.shape;
  // Windows, including incomplete ones.
  const rows = batch * blocks(channels) * ceilDivide(height, 2);
  const params = sizesOf(x.shape, pooled);
  const flops = 3 * elementCount(pooled);
  const tensors = [x, dy, dx];
  return [rowCall(context, { kernel: gradient, rows, width: ceilDivide(width, 2), tensors, params, flops })];
}
