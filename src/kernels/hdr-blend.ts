import backwardCode from '../../shaders/hdr_blend_backward.wgsl?raw';
import forwardCode from '../../shaders/hdr_blend_forward.wgsl?raw';
import type { KernelCall } from '../gpu/kernel-call';
import { requireShape, requireThat } from './check';
import type { KernelContext } from './context';
import { pointwiseCall } from './pointwise';
import type { Tensor } from './tensor';

const forward = { name: 'hdr_blend_forward', code: forwardCode };
const backward = { name: 'hdr_blend_backward', code: backwardCode };

export interface HdrBlendAttributes {
  /** Where predicted values begin to take over, in [0, 1). */
  readonly threshold: number;
  /** What the logarithm of the prediction was offset by. */
  readonly offset: number;
}

/**
 * H = (1 - a) x^2 + a max(exp(y) - offset, 0) with a = clamp((max_c x - threshold) / (1 - threshold), 0, 1) per
 * pixel (Eilertsen et al. 2017, eq. 1 and 2, with the camera's curve taken for a square root). A photo x
 * [N, 3, H, W] in [0, 1] becomes linear light; where it is clipped, predicted log values y take its place.
 *
 * @throws {ShapeError} unless x, y and h are [N, 3, H, W].
 */
export function hdrBlendForward<B>(
  context: KernelContext<B>,
  { x, y, h }: { readonly x: Tensor<B>; readonly y: Tensor<B>; readonly h: Tensor<B> },
  attributes: HdrBlendAttributes,
): KernelCall<B>[] {
  const params = paramsOf('hdrBlendForward', { x, y, h }, attributes);
  return [pointwiseCall(context, { kernel: forward, tensors: [x, y, h], params, flops: 8 })];
}

/**
 * dy = dH a exp(y) where exp(y) exceeds the offset, else 0. The photo is data and gets no gradient.
 *
 * @throws {ShapeError} unless x, y, dh and dy are [N, 3, H, W].
 */
export function hdrBlendBackward<B>(
  context: KernelContext<B>,
  {
    x,
    y,
    dh,
    dy,
  }: { readonly x: Tensor<B>; readonly y: Tensor<B>; readonly dh: Tensor<B>; readonly dy: Tensor<B> },
  attributes: HdrBlendAttributes,
): KernelCall<B>[] {
  const params = paramsOf('hdrBlendBackward', { x, y, dh, dy }, attributes);
  return [pointwiseCall(context, { kernel: backward, tensors: [x, y, dh, dy], params, flops: 6 })];
}

function paramsOf(
  operator: string,
  tensors: { readonly x: Tensor<unknown> } & Readonly<Record<string, Tensor<unknown>>>,
  { threshold, offset }: HdrBlendAttributes,
) {
  const { x } = tensors;
  requireShape(operator, tensors, x.shape, 'as x is');
  requireThat(operator, x.shape[1] === 3, () => `x has ${x.shape[1]} channels instead of 3.`);
  requireThat(operator, threshold < 1, () => `the threshold is ${threshold}, but must be below 1.`);
  return { threshold, offset };
}
