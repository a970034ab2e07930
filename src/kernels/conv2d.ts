import type { KernelCall } from '../gpu/kernel-call';
import type { KernelContext } from './context';
import { boundedBands } from './convolution/bands';
import { firstFamily, takesPhases, takesPool } from './convolution/families';
import {
  type ConvolutionAttributes,
  convolvedSize,
  forwardGather,
  type Gather,
  inputGradientGathers,
  joinedPhases,
  transposedSize,
} from './convolution/lattice';
import { transposedWeights } from './convolution/transposed-weights';
import type { KernelPolicy } from './policy';
import { formatShape, requireShape, requireThat } from './shapes';
import type { Shape, Tensor, Tensors } from './tensor';

export interface LayerAttributes extends ConvolutionAttributes {
  /** Applies max(0, .) to the output. */
  readonly relu?: boolean;
}

/** Tensors of a layer; a bias is [1, O, 1, 1]. */
interface Layer<B> extends Tensors<B, 'x' | 'w' | 'y'> {
  readonly bias?: Tensor<B> | undefined;
  /** Maxima of the 2x2 windows of y, under a policy with `poolsInStore`. */
  readonly pooled?: Tensor<B> | undefined;
}

type InputGradient<B> = Tensors<B, 'dy' | 'w' | 'dx'>;
type WeightGradient<B> = Tensors<B, 'x' | 'dy' | 'dw'>;

/** A convolution or its transpose: the axis of the weights with the channels of x, and the output shape. */
export interface ConvolutionKind {
  readonly name: string;
  readonly inputAxis: 0 | 1;
  outputShape(x: Shape, w: Shape, attributes: ConvolutionAttributes): Shape;
}

/** x [N, I, H, W] with w [O, I, KH, KW]. */
export const CONVOLUTION: ConvolutionKind = {
  name: 'conv2d',
  inputAxis: 1,
  outputShape: (x, w, a) => [x[0], w[0], convolvedSize(x[2], w[2], a), convolvedSize(x[3], w[3], a)],
};

/** x [N, I, H, W] with w [I, O, KH, KW], as in PyTorch. */
export const TRANSPOSED: ConvolutionKind = {
  name: 'convTranspose2d',
  inputAxis: 0,
  outputShape: (x, w, a) => [x[0], w[1], transposedSize(x[2], w[2], a), transposedSize(x[3], w[3], a)],
};

/** Whether `conv2dForward` can also write the maxima of its output. */
export const poolsInStore = ({ gather }: KernelPolicy): boolean => takesPool(gather);

/**
 * y[n, o, p] = act(bias[o] + sum_{i, k} w[o, i, k] * x[n, i, p * stride + k - padding]), zero outside x; and
 * pooled = maximum over windows of 2x2 of y, stride 2.
 *
 * @throws {ShapeError} unless w takes x to the shape of y, and pooled has half its sides.
 */
export function conv2dForward<B>(
  context: KernelContext<B>,
  layer: Layer<B>,
  attributes: LayerAttributes,
): KernelCall<B>[] {
  requireLayer(CONVOLUTION, '', layer, attributes);
  const { y, pooled } = layer;
  if (pooled) {
    const [n, channels, height, width] = y.shape;
    requireShape('conv2d', { pooled }, [n, channels, height >> 1, width >> 1], 'half of y');
  }
  return convolve(context, layer, attributes);
}

/** dx[n, i, p] = sum_{o, k} w[o, i, k] * dy[n, o, (p + padding - k) / stride] where that is whole and inside. */
export function conv2dInputGradient<B>(
  context: KernelContext<B>,
  { dy, w, dx }: InputGradient<B>,
  { stride, padding, paddingAfter }: ConvolutionAttributes,
): KernelCall<B>[] {
  const attributes = lattice(stride, padding, paddingAfter);
  requireLayer(CONVOLUTION, ' input gradient', { x: dx, w, y: dy }, attributes);
  return convolveTransposed(context, { x: dy, w, y: dx }, attributes);
}

/** dw[o, i, k] = sum_{n, p} dy[n, o, p] * x[n, i, p * stride + k - padding]. */
export function conv2dWeightGradient<B>(
  context: KernelContext<B>,
  { x, dy, dw }: WeightGradient<B>,
  attributes: ConvolutionAttributes,
): KernelCall<B>[] {
  requireLayer(CONVOLUTION, ' weight gradient', { x, w: dw, y: dy }, attributes);
  return weightGradient(context, { x, dy, dw }, attributes);
}

/**
 * The input gradient of a convolution as a layer: y[n, o, p] = act(bias[o] + sum_{i, k} w[i, o, k] *
 * x[n, i, (p + padding - k) / stride]).
 *
 * @throws {ShapeError} unless w takes x to the shape of y.
 */
export function convTranspose2dForward<B>(
  context: KernelContext<B>,
  layer: Layer<B>,
  attributes: LayerAttributes,
): KernelCall<B>[] {
  requireLayer(TRANSPOSED, '', layer, attributes);
  return convolveTransposed(context, layer, attributes);
}

/** dx[n, i, p] = sum_{o, k} w[i, o, k] * dy[n, o, p * stride + k - padding]: a convolution of dy. */
export function convTranspose2dInputGradient<B>(
  context: KernelContext<B>,
  { dy, w, dx }: InputGradient<B>,
  { stride, padding, paddingAfter }: ConvolutionAttributes,
): KernelCall<B>[] {
  const attributes = lattice(stride, padding, paddingAfter);
  requireLayer(TRANSPOSED, ' input gradient', { x: dx, w, y: dy }, attributes);
  return convolve(context, { x: dy, w, y: dx }, attributes);
}

/** dw[i, o, k] = sum_{n, p} x[n, i, p] * dy[n, o, p * stride + k - padding]. */
export function convTranspose2dWeightGradient<B>(
  context: KernelContext<B>,
  { x, dy, dw }: WeightGradient<B>,
  attributes: ConvolutionAttributes,
): KernelCall<B>[] {
  requireLayer(TRANSPOSED, ' weight gradient', { x, w: dw, y: dy }, attributes);
  return weightGradient(context, { x: dy, dy: x, dw }, attributes);
}

/** Gradients have no activation. */
const lattice = (stride: number, padding: number, paddingAfter: number = padding): ConvolutionAttributes => ({
  stride,
  padding,
  paddingAfter,
});

function requireLayer<B>(
  { name, inputAxis, outputShape }: ConvolutionKind,
  pass: string,
  { x, w, y }: Layer<B>,
  attributes: ConvolutionAttributes,
): void {
  const channels = x.shape[1];
  requireThat(`${name}${pass}`, w.layout === 'weight' && w.shape[inputAxis] === channels, () => {
    return `the weights ${formatShape(w.shape)} do not take the ${channels} channels of ${formatShape(x.shape)}.`;
  });
  requireShape(
    `${name}${pass}`,
    { y },
    outputShape(x.shape, w.shape, attributes),
    'from x, w, stride and padding',
  );
}

function convolve<B>(
  context: KernelContext<B>,
  layer: Layer<B>,
  attributes: LayerAttributes,
): KernelCall<B>[] {
  const { w, y } = layer;
  const gather = forwardGather([w.shape[2], w.shape[3]], [y.shape[2], y.shape[3]], attributes);
  return gatherCalls(context, layer, gather, attributes);
}

/** As gathers, one for each phase of y or one for all, with the channel axes of the weights swapped. */
function convolveTransposed<B>(
  context: KernelContext<B>,
  layer: Layer<B>,
  attributes: LayerAttributes,
): KernelCall<B>[] {
  const { w, y } = layer;
  const { wt, call } = transposedWeights(context, w);
  const phases = inputGradientGathers([w.shape[2], w.shape[3]], [y.shape[2], y.shape[3]], attributes);
  const joined = takesPhases(context.policy.gather) ? joinedPhases(phases) : undefined;
  const gathers = joined ? [joined] : phases;
  return [
    call,
    ...gathers.flatMap((gather) => gatherCalls(context, { ...layer, w: wt }, gather, attributes)),
  ];
}

function gatherCalls<B>(
  context: KernelContext<B>,
  { x, w, y, bias, pooled }: Layer<B>,
  gather: Gather,
  { relu = false }: LayerAttributes,
): KernelCall<B>[] {
  const callsFor = (part: Gather) =>
    firstFamily(context.policy.gather, (family) =>
      family.gather(context, { x, w, y, bias, pooled, gather: part, relu }),
    );
  const whole = callsFor(gather);
  const bands = boundedBands({ x, y, gather });
  // Several passes over the whole, as in Winograd's method, are short ones.
  return whole.length > 1 || bands.length === 1 ? whole : bands.flatMap(callsFor);
}

function weightGradient<B>(
  context: KernelContext<B>,
  { x, dy, dw }: WeightGradient<B>,
  attributes: ConvolutionAttributes,
): KernelCall<B>[] {
  return firstFamily(context.policy.weightGradient, (family) =>
    family.weightGradient(context, { x, dy, dw, attributes }),
  );
}
