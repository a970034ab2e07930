import type { KernelCall } from '../gpu/kernel-call';
import { formatShape, requireShape, requireThat } from './check';
import type { KernelContext } from './context';
import { gatherCalls } from './convolution/gather';
import {
  type ConvolutionAttributes,
  convolvedSize,
  forwardGather,
  inputGradientGathers,
} from './convolution/lattice';
import { transposedWeights } from './convolution/transposed-weights';
import { weightGradientCalls } from './convolution/weight-gradient';
import type { Shape, Tensor } from './tensor';

export interface Conv2dAttributes extends ConvolutionAttributes {
  /** Applies max(0, .) to the output. */
  readonly relu?: boolean;
}

/** Shape of the output of a convolution of x [N, I, H, W] with w [O, I, KH, KW]. */
export function conv2dShape(x: Shape, w: Shape, attributes: ConvolutionAttributes): Shape {
  return [x[0], w[0], convolvedSize(x[2], w[2], attributes), convolvedSize(x[3], w[3], attributes)];
}

/** @throws {ShapeError} unless a convolution with w takes x to the shape of y. */
function requireConvolution<B>(
  operator: string,
  { x, w, y }: { x: Tensor<B>; w: Tensor<B>; y: Tensor<B> },
  attributes: ConvolutionAttributes,
): void {
  const channels = x.shape[1];
  requireThat(operator, w.layout === 'weight' && w.shape[1] === channels, () => {
    return `the weights ${formatShape(w.shape)} do not take the ${channels} channels of ${formatShape(x.shape)}.`;
  });
  requireShape(operator, { y }, conv2dShape(x.shape, w.shape, attributes), 'from x, w, stride and padding');
}

/**
 * y[n, o, p] = act(bias[o] + sum_{i, k} w[o, i, k] * x[n, i, p * stride + k - padding]), zero outside x.
 * x [N, I, H, W], w [O, I, KH, KW], bias [1, O, 1, 1], y [N, O, P, Q].
 */
export function conv2dForward<B>(
  context: KernelContext<B>,
  t: { x: Tensor<B>; w: Tensor<B>; y: Tensor<B>; bias?: Tensor<B> | undefined },
  attributes: Conv2dAttributes,
): KernelCall<B>[] {
  requireConvolution('conv2d', { x: t.x, w: t.w, y: t.y }, attributes);
  const [, , kernelH, kernelW] = t.w.shape;
  const gather = forwardGather([kernelH, kernelW], [t.y.shape[2], t.y.shape[3]], attributes);
  return gatherCalls(context, t, gather, attributes.relu ?? false);
}

/** dx[n, i, p] = sum_{o, k} w[o, i, k] * dy[n, o, (p + padding - k) / stride] where that is whole and inside. */
export function conv2dInputGradient<B>(
  context: KernelContext<B>,
  t: { dy: Tensor<B>; w: Tensor<B>; dx: Tensor<B> },
  attributes: ConvolutionAttributes,
): KernelCall<B>[] {
  requireConvolution('conv2d input gradient', { x: t.dx, w: t.w, y: t.dy }, attributes);
  const [, , kernelH, kernelW] = t.w.shape;
  const { wt, call } = transposedWeights(context, t.w);
  const gathers = inputGradientGathers([kernelH, kernelW], [t.dx.shape[2], t.dx.shape[3]], attributes);
  return [
    call,
    ...gathers.flatMap((gather) => gatherCalls(context, { x: t.dy, w: wt, y: t.dx }, gather, false)),
  ];
}

/** dw[o, i, k] = sum_{n, p} dy[n, o, p] * x[n, i, p * stride + k - padding]. */
export function conv2dWeightGradient<B>(
  context: KernelContext<B>,
  t: { x: Tensor<B>; dy: Tensor<B>; dw: Tensor<B> },
  attributes: ConvolutionAttributes,
): KernelCall<B>[] {
  requireConvolution('conv2d weight gradient', { x: t.x, w: t.dw, y: t.dy }, attributes);
  return weightGradientCalls(context, t, attributes);
}
