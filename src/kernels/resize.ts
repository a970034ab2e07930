import code from '../../shaders/resize_bilinear.wgsl?raw';
import type { KernelCall } from '../gpu/kernel-call';
import type { KernelContext } from './context';
import { rowCall } from './rows';
import { formatShape, requireShape, requireThat } from './shapes';
import { blocks, elementCount, type Shape, type Tensor, type Tensors } from './tensor';

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
  const [batch, channels, height, width] = y.shape;
  return [
    rowCall(context, {
      kernel: forward,
      rows: batch * blocks(channels) * height,
      width,
      tensors: [x, y],
      params: { x_h: x.shape[2], x_w: x.shape[3], y_h: height, y_w: width },
      flops: 9 * elementCount(y.shape),
    }),
  ];
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
  const [batch, channels, height, width] = dx.shape;
  return [
    rowCall(context, {
      kernel: gradient,
      rows: batch * blocks(channels) * height,
      width,
      tensors: [dy, dx],
      params: { x_h: height, x_w: width, y_h: dy.shape[2], y_w: dy.shape[3] },
      flops: 8 * elementCount(dy.shape),
    }),
  ];
}
