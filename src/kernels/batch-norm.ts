import applyCode from '../../shaders/batch_norm.wgsl?raw';
import sumsCode from '../../shaders/batch_norm_backward_sums.wgsl?raw';
import momentsCode from '../../shaders/batch_norm_statistics.wgsl?raw';
import type { KernelCall } from '../gpu/kernel-call';
import type { KernelContext } from './context';
import { foldWorkgroups } from './dispatch';
import { planeCall } from './planes';
import { bytesOf } from './pointwise';
import { type Named, requireShape, requireThat } from './shapes';
import { blocks, elementCount, type Tensor, type Tensors } from './tensor';
import { finalLanes, splitsOf } from './work-sharing';

const partialMoments = {
  name: 'batch_norm_partial_moments',
  code: momentsCode,
  entryPoint: 'partial_moments',
};
const moments = { name: 'batch_norm_moments', code: momentsCode, entryPoint: 'moments' };
const apply = { name: 'batch_norm_apply', code: applyCode, entryPoint: 'forward' };
const partialSums = { name: 'batch_norm_backward_partial_sums', code: sumsCode, entryPoint: 'partial_sums' };
const totalSums = { name: 'batch_norm_backward_total', code: sumsCode, entryPoint: 'total' };
const backwardApply = { name: 'batch_norm_backward_apply', code: applyCode, entryPoint: 'backward' };

/** Bytes of the structs `Moments`, `Sums` and `Coefficients` in the shaders. */
const MOMENTS_BYTES = 48;
const SUMS_BYTES = 32;
const COEFFICIENTS_BYTES = 80;

/** x and y, and the parameters and running statistics of a batch norm, each [1, C, 1, 1]. */
type BatchNormTensors<B> = Tensors<B, 'x' | 'gamma' | 'beta' | 'runningMean' | 'runningVariance' | 'y'>;

function check(operator: string, x: Tensor<unknown>, images: Named, vectors: Named): void {
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
  tensors: BatchNormTensors<B> & Tensors<B, 'mean' | 'rstd'>,
  { eps, momentum, relu }: { readonly eps: number; readonly momentum: number; readonly relu?: boolean },
): KernelCall<B>[] {
  const { x, gamma, beta, runningMean, runningVariance, y, mean, rstd } = tensors;
  const operator = 'batchNormTraining';
  check(operator, x, { y }, { gamma, beta, runningMean, runningVariance, mean, rstd });
  const { outer, kept, inner, count } = geometry(x);
  requireThat(operator, count > 1, 'one value per channel has no variance; use a larger batch or image.');
  requireThat(operator, eps > 0, `eps is ${eps}, but must be positive.`);
  const { traits, label } = context;
  const { workgroup, workgroups, partials, ...splits } = splitsOf(context, outer, kept, inner);
  const partial = context.scratch(MOMENTS_BYTES * kept * partials);
  const params = { ...splits.params, channels: x.shape[1], eps, momentum };
  return [
    {
      kernel: partialMoments,
      label,
      constants: { WORKGROUP: workgroup },
      params,
      bindings: [x.buffer, partial],
      dispatch: foldWorkgroups(traits, workgroups),
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
    applyCall(context, { x, gamma, beta, mean, scatter: rstd, y }, { relu }),
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
  requireThat('batchNormInference', eps > 0, `eps is ${eps}, but must be positive.`);
  const tensors = { x, gamma, beta, mean: runningMean, scatter: runningVariance, y };
  return [applyCall(context, tensors, { eps, relu })];
}

/** `scatter` holds the variance, or rstd if no `eps` is given. */
function applyCall<B>(
  context: KernelContext<B>,
  { x, gamma, beta, mean, scatter, y }: Tensors<B, 'x' | 'gamma' | 'beta' | 'mean' | 'scatter' | 'y'>,
  { eps = 0, relu = false }: { eps?: number; relu: boolean | undefined },
): KernelCall<B> {
  return planeCall(context, {
    kernel: apply,
    constants: { RELU: Number(relu), EPS: eps },
    y,
    params: { blocks: blocks(x.shape[1]) },
    bindings: [x, y, mean, scatter, gamma, beta].map(({ buffer }) => buffer),
    flops: (relu ? 4 : 3) * elementCount(x.shape),
    bytes: bytesOf(x, mean, scatter, gamma, beta, y),
  });
}

/**
 * Gradients of `batchNormTraining` with respect to x, gamma and beta. With `relu`, dy is the gradient after the
 * activation, whose sign is recomputed from x.
 *
 * @throws {ShapeError} unless dy and dx are shaped as x and the vectors are [1, C, 1, 1].
 */
export function batchNormBackward<B>(
  context: KernelContext<B>,
  tensors: Tensors<B, 'x' | 'dy' | 'gamma' | 'beta' | 'mean' | 'rstd' | 'dx' | 'dgamma' | 'dbeta'>,
  { relu = false }: { readonly relu?: boolean },
): KernelCall<B>[] {
  const { x, dy, gamma, beta, mean, rstd, dx, dgamma, dbeta } = tensors;
  check('batchNormBackward', x, { dy, dx }, { gamma, beta, mean, rstd, dgamma, dbeta });
  const { traits, label } = context;
  const { outer, kept, inner, count } = geometry(x);
  const splits = splitsOf(context, outer, kept, inner);
  const partial = context.scratch(SUMS_BYTES * kept * splits.partials);
  const coefficients = context.scratch(COEFFICIENTS_BYTES * kept);
  const vectors = [mean, rstd, gamma, beta].map(({ buffer }) => buffer);
  const params = { ...splits.params, inverse_count: 1 / count };
  return [
    {
      kernel: partialSums,
      label,
      constants: { WORKGROUP: splits.workgroup, RELU: Number(relu) },
      params,
      bindings: [...vectors, partial, x.buffer, dy.buffer],
      dispatch: foldWorkgroups(traits, splits.workgroups),
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
    planeCall(context, {
      kernel: backwardApply,
      constants: { RELU: Number(relu) },
      y: dx,
      params: { blocks: kept },
      bindings: [x.buffer, dx.buffer, dy.buffer, coefficients],
      flops: (relu ? 8 : 5) * elementCount(x.shape),
      bytes: bytesOf(x, dy, dx) + COEFFICIENTS_BYTES * kept,
    }),
  ];
}
