import backwardCode from '../../shaders/power_backward.wgsl?raw';
import forwardCode from '../../shaders/power_forward.wgsl?raw';
import type { KernelCall } from '../gpu/kernel-call';
import { requireSameShape, requireThat } from './check';
import type { KernelContext } from './context';
import { pointwiseCall } from './pointwise';
import type { Tensor } from './tensor';

const forward = { name: 'power_forward', code: forwardCode };
const backward = { name: 'power_backward', code: backwardCode };

export interface PowerAttributes {
  /** Positive. */
  readonly exponent: number;
  readonly factor: number;
}

/**
 * y = factor x^exponent where x is positive, else 0; any layout.
 *
 * @throws {ShapeError} unless x and y have one shape and the exponent is positive.
 */
export function powerForward<B>(
  context: KernelContext<B>,
  { x, y }: { readonly x: Tensor<B>; readonly y: Tensor<B> },
  attributes: PowerAttributes,
): KernelCall<B>[] {
  requireSameShape('powerForward', { x, y });
  const params = paramsOf('powerForward', attributes);
  return [pointwiseCall(context, { kernel: forward, tensors: [x, y], params, flops: 2 })];
}

/**
 * dx = dy factor exponent x^(exponent - 1) where x is positive, else 0.
 *
 * @throws {ShapeError} unless x, dy and dx have one shape and the exponent is positive.
 */
export function powerBackward<B>(
  context: KernelContext<B>,
  { x, dy, dx }: { readonly x: Tensor<B>; readonly dy: Tensor<B>; readonly dx: Tensor<B> },
  attributes: PowerAttributes,
): KernelCall<B>[] {
  requireSameShape('powerBackward', { x, dy, dx });
  const params = paramsOf('powerBackward', attributes);
  return [pointwiseCall(context, { kernel: backward, tensors: [x, dy, dx], params, flops: 3 })];
}

function paramsOf(operator: string, { exponent, factor }: PowerAttributes) {
  requireThat(operator, exponent > 0, () => `the exponent is ${exponent}, but must be positive.`);
  return { exponent, factor };
}
