import backwardCode from '../../shaders/log_backward.wgsl?raw';
import forwardCode from '../../shaders/log_forward.wgsl?raw';
import type { KernelCall } from '../gpu/kernel-call';
import { requireSameShape, requireShape } from './check';
import type { KernelContext } from './context';
import { pointwiseCall } from './pointwise';
import { blocks, type Tensor } from './tensor';

const forward = { name: 'log_forward', code: forwardCode };
const backward = { name: 'log_backward', code: backwardCode };

export interface LogAttributes {
  readonly scale: number;
  /** Makes the argument positive. */
  readonly offset: number;
  readonly square: boolean;
}

/**
 * y = ln(u + offset) with u = scale x, or (scale x)^2 with `square`; x [N, C, H, W].
 *
 * @throws {ShapeError} unless x and y are activations of one shape.
 */
export function logForward<B>(
  context: KernelContext<B>,
  { x, y }: { readonly x: Tensor<B>; readonly y: Tensor<B> },
  { scale, offset, square }: LogAttributes,
): KernelCall<B>[] {
  requireShape('logForward', { x, y }, x.shape, 'as x is');
  const [, channels, height, width] = x.shape;
  const params = { scale, offset, inner: height * width, rows: blocks(channels), channels };
  const call = pointwiseCall(context, { kernel: forward, tensors: [x, y], params, flops: 4 });
  return [{ ...call, constants: { ...call.constants, SQUARE: Number(square) } }];
}

/**
 * dx = dy u' / (u + offset).
 *
 * @throws {ShapeError} unless x, dy and dx have one shape.
 */
export function logBackward<B>(
  context: KernelContext<B>,
  { x, dy, dx }: { readonly x: Tensor<B>; readonly dy: Tensor<B>; readonly dx: Tensor<B> },
  { scale, offset, square }: LogAttributes,
): KernelCall<B>[] {
  requireSameShape('logBackward', { x, dy, dx });
  const params = { scale, offset };
  const call = pointwiseCall(context, { kernel: backward, tensors: [x, dy, dx], params, flops: 6 });
  return [{ ...call, constants: { ...call.constants, SQUARE: Number(square) } }];
}
