import type { KernelCall } from '../gpu/kernel-call';
import { formatShape, requireShape, requireThat } from './check';
import type { KernelContext } from './context';
import type { Conv2dAttributes } from './conv2d';
import { gatherCalls } from './convolution/gather';
import {
  type ConvolutionAttributes,
  forwardGather,
  inputGradientGathers,
  transposedSize,
} from './convolution/lattice';
import { transposedWeights } from './convolution/transposed-weights';
import { weightGradientCalls } from './convolution/weight-gradient';
import type { Shape, Tensor } from './tensor';

/** Shape of the output of a transposed convolution of x [N, I, H, W] with w [I, O, KH, KW]. */
export function convTranspose2dShape(x: Shape, w: Shape, attributes: ConvolutionAttributes): Shape {
  return [x[0], w[1], transposedSize(x[2], w[2], attributes), transposedSize(x[3], w[3], attributes)];
}

/** @throws {ShapeError} unless a transposed convolution with w takes x to the shape of y. */
function requireTransposed<B>(
  operator: string,
  { x, w, y }: { x: Tensor<B>; w: Tensor<B>; y: Tensor<B> },
  attributes: ConvolutionAttributes,
): void {
  const channels = x.shape[1];
  requireThat(operator, w.layout === 'weight' && w.shape[0] === channels, () => {
    return `the weights ${formatShape(w.shape)} do not take the ${channels} channels of ${formatShape(x.shape)}.`;
  });
  requireShape(
    operator,
    { y },
    convTranspose2dShape(x.shape, w.shape, attributes),
    'from x, w, stride and padding',
  );
}

/**
 * The input gradient of a convolution as a layer: y[n, o, p] = act(bias[o] + sum_{i, k} w[i, o, k] *
 * x[n, i, (p + padding - k) / stride]). x [N, I, H, W], w [I, O, KH, KW] (as PyTorch), y [N, O, P, Q].
 */
export function convTranspose2dForward<B>(
  context: KernelContext<B>,
  t: { x: Tensor<B>; w: Tensor<B>; y: Tensor<B>; bias?: Tensor<B> | undefined },
  attributes: Conv2dAttributes,
): KernelCall<B>[] {
  requireTransposed('convTranspose2d', { x: t.x, w: t.w, y: t.y }, attributes);
  const [, , kernelH, kernelW] = t.w.shape;
  const { wt, call } = transposedWeights(context, t.w);
  const gathers = inputGradientGathers([kernelH, kernelW], [t.y.shape[2], t.y.shape[3]], attributes);
  const tensors = { x: t.x, w: wt, y: t.y, bias: t.bias };
  return [
    call,
    ...gathers.flatMap((gather) => gatherCalls(context, tensors, gather, attributes.relu ?? false)),
  ];
}

/** dx[n, i, p] = sum_{o, k} w[i, o, k] * dy[n, o, p * stride + k - padding]: a convolution of dy. */
export function convTranspose2dInputGradient<B>(
  context: KernelContext<B>,
  t: { dy: Tensor<B>; w: Tensor<B>; dx: Tensor<B> },
  attributes: ConvolutionAttributes,
): KernelCall<B>[] {
  requireTransposed('convTranspose2d input gradient', { x: t.dx, w: t.w, y: t.dy }, attributes);
  const [, , kernelH, kernelW] = t.w.shape;
  const gather = forwardGather([kernelH, kernelW], [t.dx.shape[2], t.dx.shape[3]], attributes);
  return gatherCalls(context, { x: t.dy, w: t.w, y: t.dx }, gather, false);
}

/** dw[i, o, k] = sum_{n, p} x[n, i, p] * dy[n, o, p * stride + k - padding]. */
export function convTranspose2dWeightGradient<B>(
  context: KernelContext<B>,
  t: { x: Tensor<B>; dy: Tensor<B>; dw: Tensor<B> },
  attributes: ConvolutionAttributes,
): KernelCall<B>[] {
  requireTransposed('convTranspose2d weight gradient', { x: t.x, w: t.dw, y: t.dy }, attributes);
  return weightGradientCalls(context, { x: t.dy, dy: t.x, dw: t.dw }, attributes);
}
