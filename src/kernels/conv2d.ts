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

interface LayerAttributes extends ConvolutionAttributes {
  /** Applies max(0, .) to the output. */
  readonly relu?: boolean;
}

/** Tensors of a layer; a bias is [1, O, 1, 1]. */
interface Layer<B> extends Tensors<B, 'x' | 'w' | 'y'> {
  readonly bias?: Tensor<B> | undefined;
  /** Maxima of the 2x2 windows of y, under a policy with `poolsInStore`. */
  readonly pooled?: Tensor<B> | undefined;
}

/** A convolution or its transpose: the input gradient of one is the forward pass of the other. */
export interface ConvolutionKind {
  readonly name: string;
  /** Axis of the weights with the channels of x. */
  readonly inputAxis: 0 | 1;
  readonly isTransposed: boolean;
  outputShape(x: Shape, w: Shape, attributes: ConvolutionAttributes): Shape;
}

/**
 * x [N, I, H, W] with w [O, I, KH, KW]:
 * y[n, o, p] = act(bias[o] + sum_{i, k} w[o, i, k] * x[n, i, p * stride + k - padding]), zero outside x.
 */
export const CONVOLUTION: ConvolutionKind = {
  name: 'conv2d',
  inputAxis: 1,
  isTransposed: false,
  outputShape: (x, w, a) => [x[0], w[0], convolvedSize(x[2], w[2], a), convolvedSize(x[3], w[3], a)],
};

/**
 * x [N, I, H, W] with w [I, O, KH, KW], as in PyTorch:
 * y[n, o, p] = act(bias[o] + sum_{i, k} w[i, o, k] * x[n, i, (p + padding - k) / stride]) where that is whole and inside.
 */
export const TRANSPOSED: ConvolutionKind = {
  name: 'convTranspose2d',
  inputAxis: 0,
  isTransposed: true,
  outputShape: (x, w, a) => [x[0], w[1], transposedSize(x[2], w[2], a), transposedSize(x[3], w[3], a)],
};

/** Whether the forward pass of a convolution can also write the maxima of its output. */
export const poolsInStore = ({ gather }: KernelPolicy): boolean => takesPool(gather);

/** The passes of one kind. Each throws a ShapeError unless w takes x to the shape of y, and pooled has half its sides. */
export const passesOf = (kind: ConvolutionKind) => ({
  forward<B>(context: KernelContext<B>, layer: Layer<B>, attributes: LayerAttributes): KernelCall<B>[] {
    requireLayer(kind, '', layer, attributes);
    const { y, pooled } = layer;
    if (pooled) {
      const [n, channels, height, width] = y.shape;
      requireShape(kind.name, { pooled }, [n, channels, height >> 1, width >> 1], 'half of y');
    }
    return kind.isTransposed
      ? convolveTransposed(context, layer, attributes)
      : convolve(context, layer, attributes);
  },

  inputGradient<B>(
    context: KernelContext<B>,
    { dy, w, dx }: Tensors<B, 'dy' | 'w' | 'dx'>,
    attributes: ConvolutionAttributes,
  ): KernelCall<B>[] {
    requireLayer(kind, ' input gradient', { x: dx, w, y: dy }, attributes);
    const adjoint = kind.isTransposed ? convolve : convolveTransposed;
    return adjoint(context, { x: dy, w, y: dx }, { ...attributes, relu: false });
  },

  /** With the roles of x and dy swapped for the transpose. */
  weightGradient<B>(
    context: KernelContext<B>,
    { x, dy, dw }: Tensors<B, 'x' | 'dy' | 'dw'>,
    attributes: ConvolutionAttributes,
  ): KernelCall<B>[] {
    requireLayer(kind, ' weight gradient', { x, w: dw, y: dy }, attributes);
    const problem = kind.isTransposed ? { x: dy, dy: x, dw, attributes } : { x, dy, dw, attributes };
    return firstFamily(context.policy.weightGradient, (family) => family.weightGradient(context, problem));
  },
});

export const {
  forward: conv2dForward,
  inputGradient: conv2dInputGradient,
  weightGradient: conv2dWeightGradient,
} = passesOf(CONVOLUTION);

export const {
  forward: convTranspose2dForward,
  inputGradient: convTranspose2dInputGradient,
  weightGradient: convTranspose2dWeightGradient,
} = passesOf(TRANSPOSED);

function requireLayer<B>(
  { name, inputAxis, outputShape }: ConvolutionKind,
  pass: string,
  { x, w, y }: Layer<B>,
  attributes: ConvolutionAttributes,
): void {
  const channels = x.shape[1];
  requireThat(
    `${name}${pass}`,
    w.layout === 'weight' && w.shape[inputAxis] === channels,
    `the weights ${formatShape(w.shape)} do not take the ${channels} channels of ${formatShape(x.shape)}.`,
  );
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
  // Where there are several passes, as in Winograd's method, or parts of a grid, each is short.
  return whole.length > 1 || bands.length === 1 ? whole : bands.flatMap(callsFor);
}
