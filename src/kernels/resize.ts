import code from '../../shaders/resize_bilinear.wgsl?raw';
import type { KernelCall } from '../gpu/kernel-call';
import type { KernelContext } from './context';
import { rowCall, rowsOf, sizesOf } from './rows';
import { formatShape, requireShape, requireThat } from './shapes';
import { elementCount, type Shape, type Tensor, type Tensors } from './tensor';

const forward = { name: 'resize_bilinear', code, entryPoint: 'forward' };
const gradient = { name: 'resize_bilinear_gradient', code, entryPoint: 'gradient' };

type Pair = readonly [name: string, tensor: Tensor<unknown>];

function check(operator: string, [xName, x]: Pair, [yName, y]: Pair): void {
  const [batch, channels, height, width] = x.shape;
  const wanted: Shape = [batch, channels, y.shape[2], y.shape[3]];
  requireShape(operator, { [xName]: x }, x.shape, 'an activation');
  requireShape(operator, { [yName]: y }, wanted, `N and C as ${xName} has`);
  // Positions are computed in 32-bit integers.
  const fits = 2 * height * y.shape[2] < 2 ** 32 && 2 * width * y.shape[3] < 2 ** 32;
  requireThat(operator, fits, `${formatShape(x.shape)} to ${formatShape(y.shape)} is too large to address.`);
}

/**
 * Bilinear resize of x to the height and width of y: half-pixel centres (align_corners = False), edges
 * clamped, no antialiasing.
 *
 * @throws {ShapeError} unless N and C agree.
 */
export function resizeBilinearForward<B>(
  context: KernelContext<B>,
  { x, y }: Tensors<B, 'x' | 'y'>,
): KernelCall<B>[] {
  check('resizeBilinearForward', ['x', x], ['y', y]);
  const params = sizesOf(x.shape, y.shape);
  const flops = 9 * elementCount(y.shape);
  return [rowCall(context, { kernel: forward, ...rowsOf(y), tensors: [x, y], params, flops })];
}

/**
 * The adjoint of the resize: dx has the size of its input, dy that of its output.
 *
 * @throws {ShapeError} unless N and C agree.
 */
export function resizeBilinearBackward<B>(
  context: KernelContext<B>,
  { dy, dx }: Tensors<B, 'dy' | 'dx'>,
): KernelCall<B>[] {
  check('resizeBilinearBackward', ['dx', dx], ['dy', dy]);
  const params = sizesOf(dx.shape, dy.shape);
  const flops = 8 * elementCount(dy.shape);
  return [rowCall(context, { kernel: gradient, ...rowsOf(dx), tensors: [dy, dx], params, flops })];
}
