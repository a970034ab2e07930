import { channelSum } from './conv2d';
import { build, channelVector, type Dense, get } from './dense';

export interface BatchNormState {
  readonly gamma: Dense;
  readonly beta: Dense;
  readonly runningMean: Dense;
  readonly runningVariance: Dense;
}

export interface BatchNormResult {
  readonly y: Dense;
  readonly mean: Dense;
  /** 1 / sqrt(variance + eps), with the biased variance of the batch. */
  readonly rstd: Dense;
  readonly runningMean: Dense;
  readonly runningVariance: Dense;
}

const countOf = (x: Dense): number => x.shape[0] * x.shape[2] * x.shape[3];

function normalise(x: Dense, mean: Dense, rstd: Dense, gamma: Dense, beta: Dense): Dense {
  return build(
    x.shape,
    (n, c, h, w) => (get(x, n, c, h, w) - mean.data[c]!) * rstd.data[c]! * gamma.data[c]! + beta.data[c]!,
  );
}

/** As in PyTorch: the batch is normalised by its biased variance, the running variance takes the unbiased one. */
export function batchNormTraining(
  x: Dense,
  state: BatchNormState,
  { eps, momentum }: { eps: number; momentum: number },
): BatchNormResult {
  const count = countOf(x);
  const mean = channelVector(channelSum(x).data.map((sum) => sum / count));
  const squares = build(x.shape, (n, c, h, w) => (get(x, n, c, h, w) - mean.data[c]!) ** 2);
  const variance = channelVector(channelSum(squares).data.map((sum) => sum / count));
  const rstd = channelVector(variance.data.map((v) => 1 / Math.sqrt(v + eps)));
  const mix = (old: Dense, current: (c: number) => number) =>
    channelVector(old.data.map((value, c) => (1 - momentum) * value + momentum * current(c)));
  return {
    y: normalise(x, mean, rstd, state.gamma, state.beta),
    mean,
    rstd,
    runningMean: mix(state.runningMean, (c) => mean.data[c]!),
    runningVariance: mix(state.runningVariance, (c) => (variance.data[c]! * count) / (count - 1)),
  };
}

export function batchNormInference(x: Dense, state: BatchNormState, eps: number): Dense {
  const rstd = channelVector(state.runningVariance.data.map((v) => 1 / Math.sqrt(v + eps)));
  return normalise(x, state.runningMean, rstd, state.gamma, state.beta);
}

/** Backward of the training form (Ioffe & Szegedy 2015, section 3), with dy before any activation. */
export function batchNormBackward(
  x: Dense,
  dy: Dense,
  gamma: Dense,
  { mean, rstd }: { mean: Dense; rstd: Dense },
): { dx: Dense; dgamma: Dense; dbeta: Dense } {
  const count = countOf(x);
  const xhat = build(x.shape, (n, c, h, w) => (get(x, n, c, h, w) - mean.data[c]!) * rstd.data[c]!);
  const dbeta = channelSum(dy);
  const dgamma = channelSum(build(x.shape, (n, c, h, w) => get(dy, n, c, h, w) * get(xhat, n, c, h, w)));
  const dx = build(
    x.shape,
    (n, c, h, w) =>
      gamma.data[c]! *
      rstd.data[c]! *
      (get(dy, n, c, h, w) - dbeta.data[c]! / count - (get(xhat, n, c, h, w) * dgamma.data[c]!) / count),
  );
  return { dx, dgamma, dbeta };
}
