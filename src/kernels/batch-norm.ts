import applyCode from '../../shaders/batch_norm_apply.wgsl?raw';
import backwardApplyCode from '../../shaders/batch_norm_backward_apply.wgsl?raw';
import backwardSumsCode from '../../shaders/batch_norm_backward_sums.wgsl?raw';
import statisticsCode from '../../shaders/batch_norm_statistics.wgsl?raw';
import type { KernelCall } from '../gpu/kernel-call';
import type { KernelContext } from './context';
import { foldWorkgroups } from './dispatch';
import { bytesOf } from './pointwise';
import { requireShape, requireThat } from './shapes';
import { blocks, elementCount, type Tensor } from './tensor';
import { finalLanes, splitsOf, stripsOf } from './work-sharing';

const partialMoments = {
  name: 'batch_norm_partial_moments',
  code: statisticsCode,
  entryPoint: 'partial_moments',
};
const moments = { name: 'batch_norm_moments', code: statisticsCode, entryPoint: 'moments' };
const apply = { name: 'batch_norm_apply', code: applyCode };
const partialSums = {
  name: 'batch_norm_backward_partial_sums',
  code: backwardSumsCode,
  entryPoint: 'partial_sums',
};
const totalSums = { name: 'batch_norm_backward_total', code: backwardSumsCode, entryPoint: 'total' };
const backwardApply = { name: 'batch_norm_backward_apply', code: backwardApplyCode };

/** Bytes of the structs `Moments`, `Sums` and `Coefficients` in the shaders. */
const MOMENTS_BYTES = 48;
const SUMS_BYTES = 32;
const COEFFICIENTS_BYTES = 80;

/** The parameters and running statistics of a batch norm, each [1, C, 1, 1]. */
export interface BatchNormTensors<B> {
  readonly x: Tensor<B>;
  readonly gamma: Tensor<B>;
  readonly beta: Tensor<B>;
  readonly runningMean: Tensor<B>;
  readonly runningVariance: Tensor<B>;
  readonly y: Tensor<B>;
}

export interface BatchNormBackwardTensors<B> {
  readonly x: Tensor<B>;
  readonly dy: Tensor<B>;
  readonly gamma: Tensor<B>;
  readonly beta: Tensor<B>;
  readonly mean: Tensor<B>;
  readonly rstd: Tensor<B>;
  readonly dx: Tensor<B>;
  readonly dgamma: Tensor<B>;
  readonly dbeta: Tensor<B>;
}

type Tensors = Readonly<Record<string, Tensor<unknown>>>;

function check(operator: string, x: Tensor<unknown>, images: Tensors, vectors: Tensors): void {
  requireShape(operator, { x }, x.shape, 'an activation');
  requireShape(operator, images, x.shape, 'as x is');
  requireShape(operator, vectors, [1, x.shape[1], 1, 1], 'one value per channel of x');
}

/** x as [images][blocks of 4 channels][pixels] of vec4. */
function geometry(x: Tensor<unknown>): { outer: number; kept: number; inner: number; count: number } {
  const [batch, channels, height, width] = x.shape;
  return { outer: batch, kept: blocks(channels), inner: height * width, count: batch * height * width };
}

/**
 * Batch normalisation by the statistics of the batch (Ioffe & Szegedy 2015): writes y, and mean and
 * rstd = 1 / sqrt(variance + eps) for the backward pass; updates the running statistics as PyTorch does (the
 * running variance takes the unbiased one). `relu` fuses max(y, 0).
 *
 * @throws {ShapeError} unless y is shaped as x, the vectors are [1, C, 1, 1], N H W > 1 and eps > 0.
 */
export function batchNormTraining<B>(
  context: KernelContext<B>,
  tensors: BatchNormTensors<B> & { readonly mean: Tensor<B>; readonly rstd: Tensor<B> },
  { eps, momentum, relu }: { readonly eps: number; readonly momentum: number; readonly relu?: boolean },
): KernelCall<B>[] {
  const { x, gamma, beta, runningMean, runningVariance, y, mean, rstd } = tensors;
  const operator = 'batchNormTraining';
  check(operator, x, { y }, { gamma, beta, runningMean, runningVariance, mean, rstd });
  const { outer, kept, inner, count } = geometry(x);
  requireThat(
    operator,
    count > 1,
    () => 'one value per channel has no variance; use a larger batch or image.',
  );
  requireThat(operator, eps > 0, () => `eps is ${eps}, but must be positive.`);
  const { traits, label } = context;
  const { workgroup, strip, strips, planes, planeSplits, partials } = splitsOf(context, outer, kept, inner);
  const partial = context.scratch(MOMENTS_BYTES * kept * partials);
  const params = {
    ...{ outer, blocks: kept, inner, strip, strips, planes, plane_splits: planeSplits },
    ...{ partials, channels: x.shape[1], eps, momentum },
  };
  return [
    {
      kernel: partialMoments,
      label,
      constants: { WORKGROUP: workgroup },
      params,
      bindings: [x.buffer, partial],
      dispatch: foldWorkgroups(traits, kept * planeSplits * strips),
      flops: 4 * elementCount(x.shape),
      bytes: bytesOf(x),
    },
    {
      kernel: moments,
      label,
      constants: { LANES: finalLanes(context) },
      params,
      bindings: [x.buffer, partial, mean.buffer, rstd.buffer, runningMean.buffer, runningVariance.buffer],
      dispatch: foldWorkgroups(traits, kept),
      flops: 10 * 4 * kept * partials,
      bytes: MOMENTS_BYTES * kept * partials + 6 * bytesOf(mean),
    },
    applyCall(context, { x, gamma, beta, mean, scatter: rstd, y }, { eps, relu, inference: false }),
  ];
}

/**
 * Batch normalisation by the running statistics.
 *
 * @throws {ShapeError} unless y is shaped as x, the vectors are [1, C, 1, 1] and eps > 0.
 */
export function batchNormInference<B>(
  context: KernelContext<B>,
  { x, gamma, beta, runningMean, runningVariance, y }: BatchNormTensors<B>,
  { eps, relu }: { readonly eps: number; readonly relu?: boolean },
): KernelCall<B>[] {
  check('batchNormInference', x, { y }, { gamma, beta, runningMean, runningVariance });
  requireThat('batchNormInference', eps > 0, () => `eps is ${eps}, but must be positive.`);
  const tensors = { x, gamma, beta, mean: runningMean, scatter: runningVariance, y };
  return [applyCall(context, tensors, { eps, relu, inference: true })];
}

interface ApplyTensors<B> {
  readonly x: Tensor<B>;
  readonly gamma: Tensor<B>;
  readonly beta: Tensor<B>;
  readonly mean: Tensor<B>;
  /** rstd, or the variance in inference. */
  readonly scatter: Tensor<B>;
  readonly y: Tensor<B>;
}

function applyCall<B>(
  context: KernelContext<B>,
  { x, gamma, beta, mean, scatter, y }: ApplyTensors<B>,
  { eps, relu = false, inference }: { eps: number; relu: boolean | undefined; inference: boolean },
): KernelCall<B> {
  const { outer, kept, inner } = geometry(x);
  const { workgroup, strip, strips } = stripsOf(context, inner, outer * kept);
  return {
    kernel: apply,
    label: context.label,
    constants: { WORKGROUP: workgroup, RELU: Number(relu), INFERENCE: Number(inference) },
    params: { planes: outer * kept, blocks: kept, inner, strip, strips, eps },
    bindings: [x, mean, scatter, gamma, beta, y].map(({ buffer }) => buffer),
    dispatch: foldWorkgroups(context.traits, outer * kept * strips),
    flops: (relu ? 4 : 3) * elementCount(x.shape),
    bytes: bytesOf(x, mean, scatter, gamma, beta, y),
  };
}

/**
 * Gradients of `batchNormTraining` with respect to x, gamma and beta. With `relu`, dy is the gradient after the
 * activation, whose sign is recomputed from x.
 *
 * @throws {ShapeError} unless dy and dx are shaped as x and the vectors are [1, C, 1, 1].
 */
export function batchNormBackward<B>(
  context: KernelContext<B>,
  { x, dy, gamma, beta, mean, rstd, dx, dgamma, dbeta }: BatchNormBackwardTensors<B>,
  { relu = false }: { readonly relu?: boolean },
): KernelCall<B>[] {
  check('batchNormBackward', x, { dy, dx }, { gamma, beta, mean, rstd, dgamma, dbeta });
  const { traits, label } = context;
  const { outer, kept, inner, count } = geometry(x);
  const splits = splitsOf(context, outer, kept, inner);
  const { workgroup, strip, strips } = stripsOf(context, inner, outer * kept);
  const partial = context.scratch(SUMS_BYTES * kept * splits.partials);
  const coefficients = context.scratch(COEFFICIENTS_BYTES * kept);
  const vectors = [mean, rstd, gamma, beta].map(({ buffer }) => buffer);
  const params = {
    ...{ outer, blocks: kept, inner, strip: splits.strip, strips: splits.strips },
    ...{ planes: splits.planes, plane_splits: splits.planeSplits },
    ...{ partials: splits.partials, inverse_count: 1 / count },
  };
  return [
    {
      kernel: partialSums,
      label,
      constants: { WORKGROUP: splits.workgroup, RELU: Number(relu) },
      params,
      bindings: [...vectors, partial, x.buffer, dy.buffer],
      dispatch: foldWorkgroups(traits, kept * splits.planeSplits * splits.strips),
      flops: (relu ? 7 : 4) * elementCount(x.shape),
      bytes: bytesOf(x, dy, mean, rstd, gamma, beta),
    },
    {
      kernel: totalSums,
      label,
      constants: { LANES: finalLanes(context) },
      params,
      bindings: [...vectors, partial, dgamma.buffer, dbeta.buffer, coefficients],
      dispatch: foldWorkgroups(traits, kept),
      flops: 8 * kept * splits.partials,
      bytes: SUMS_BYTES * kept * splits.partials + bytesOf(mean, rstd, gamma, beta, dgamma, dbeta),
    },
    {
      kernel: backwardApply,
      label,
      constants: { WORKGROUP: workgroup, RELU: Number(relu) },
      params: { planes: outer * kept, blocks: kept, inner, strip, strips },
      bindings: [x.buffer, dy.buffer, coefficients, dx.buffer],
      dispatch: foldWorkgroups(traits, outer * kept * strips),
      flops: (relu ? 8 : 5) * elementCount(x.shape),
      bytes: bytesOf(x, dy, dx) + COEFFICIENTS_BYTES * kept,
    },
  ];
}
