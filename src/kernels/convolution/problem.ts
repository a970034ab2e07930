import { bytesOf } from '../pointwise';
import { blocks, ceil4, elementCount, type Tensor } from '../tensor';
import { type ConvolutionAttributes, type Gather, phaseCount } from './lattice';

/** y = act(x * w + bias) on one phase of y. */
export interface GatherProblem<B> {
  readonly x: Tensor<B>;
  /** Reduction channels on the input axis: [channels of y, channels of x, KH, KW]. */
  readonly w: Tensor<B>;
  readonly y: Tensor<B>;
  readonly bias?: Tensor<B> | undefined;
  /** Maxima of the 2x2 windows of y, for one phase: only for a family that `takesPool`. */
  readonly pooled?: Tensor<B> | undefined;
  readonly gather: Gather;
  readonly relu: boolean;
}

/** dw of the convolution that takes x to the shape of dy. */
export interface WeightGradientProblem<B> {
  /** [N, I, H, W] */
  readonly x: Tensor<B>;
  /** [N, O, P, Q] */
  readonly dy: Tensor<B>;
  /** [O, I, KH, KW] */
  readonly dw: Tensor<B>;
  readonly attributes: ConvolutionAttributes;
}

type Work = { readonly flops: number; readonly bytes: number };
type Params = Readonly<Record<string, number>>;

/**
 * The minimal work of a gather: the multiply-adds of its phases, each required input read once, its outputs written
 * once.
 */
export function gatherWork<B>({ x, w, y, pooled, gather: g }: GatherProblem<B>): Work {
  const outputsMade = phaseCount(g) * g.qH * g.qW;
  const products = x.shape[0] * y.shape[1] * x.shape[1] * outputsMade * g.tapsY * g.tapsX;
  const rows = Math.min(1, (g.qH * g.outStride) / y.shape[2]);
  const outputs = outputsMade / (y.shape[2] * y.shape[3]);
  const made = pooled ? [y, pooled] : [y];
  return { flops: 2 * products, bytes: rows * bytesOf(x) + bytesOf(w) + outputs * bytesOf(...made) };
}

/** The minimal work of a weight gradient: as many multiply-adds as the convolution itself. */
export function weightGradientWork<B>({ x, dy, dw }: WeightGradientProblem<B>): Work {
  const [n, , p, q] = dy.shape;
  return { flops: 2 * elementCount(dw.shape) * n * p * q, bytes: bytesOf(x, dy, dw) };
}

/**
 * Parameters shared by the families of gathers. `grouped`: a stride in the input splits the kernel into groups of
 * every inStride-th position, each a dense convolution on a sub-lattice of x. Bias and activation are parameters, not
 * constants, so that layers share pipelines, which take long to compile.
 */
export function gatherParams<B>(
  { x, w, y, bias, relu, gather: g }: GatherProblem<B>,
  { grouped, columns }: { readonly grouped: boolean; readonly columns: number },
): Params {
  const groups = grouped ? g.inStride : 1;
  return {
    ...{ x_blocks: blocks(x.shape[1]), x_h: x.shape[2], x_w: x.shape[3] },
    ...{ o4: ceil4(y.shape[1]), y_h: y.shape[2], y_w: y.shape[3], q_h: g.qH, q_w: g.qW },
    ...{ in_stride: g.inStride, origin_y: g.originY, origin_x: g.originX },
    ...{ out_stride: g.outStride, phase_y: g.phaseY, phase_x: g.phaseX },
    ...{ groups, taps_y: g.tapsY / groups, taps_x: g.tapsX / groups },
    ...{ tap0_y: g.tap0Y, tap0_x: g.tap0X, tap_step: g.tapStep * groups },
    ...{ kernel_h: w.shape[2], kernel_w: w.shape[3], columns },
    ...{ relu: Number(relu), biased: Number(bias !== undefined) },
  };
}

/** Parameters shared by the weight-gradient families that split the sum by output rows. */
export function weightGradientParams<B>(
  { x, dy, dw, attributes }: WeightGradientProblem<B>,
  rowsPerSplit: number,
) {
  return {
    ...{ x_blocks: blocks(x.shape[1]), x_h: x.shape[2], x_w: x.shape[3] },
    ...{ dy_blocks: blocks(dy.shape[1]), dy_h: dy.shape[2], dy_w: dy.shape[3] },
    ...{ rows: outputRows(dy), rows_per_split: rowsPerSplit, padding: attributes.padding },
    ...{ kernel_h: dw.shape[2], kernel_w: dw.shape[3] },
  };
}

/** Rows of all images: the unit for splitting the sum of a weight gradient. */
export const outputRows = ({ shape }: Tensor<unknown>): number => shape[0] * shape[2];

/** Storage bindings of a gather in shader order. Unused bindings must be bound too: w stands in for a bias. */
export const gatherBindings = <B>({ x, w, y, bias, pooled }: GatherProblem<B>): B[] => [
  x.buffer,
  w.buffer,
  (bias ?? w).buffer,
  y.buffer,
  ...(pooled ? [pooled.buffer] : []),
];
