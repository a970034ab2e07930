import type { Dense } from './dense';

const map = (t: Dense, value: (x: number, at: number) => number): Dense => ({
  shape: t.shape,
  data: t.data.map(value),
});

/** Zero where the output (or the input) is not positive, as in PyTorch. */
export const reluBackward = (y: Dense, dy: Dense): Dense =>
  map(dy, (value, at) => (y.data[at]! > 0 ? value : 0));

/** Mean squared difference over all elements. */
export function mse(x: Dense, target: Dense): number {
  let sum = 0;
  x.data.forEach((value, at) => {
    sum += (value - target.data[at]!) ** 2;
  });
  return sum / x.data.length;
}

export const mseBackward = (x: Dense, target: Dense, dloss: number): Dense =>
  map(x, (value, at) => (2 * dloss * (value - target.data[at]!)) / x.data.length);

/** Mean absolute difference over all elements. */
export function mae(x: Dense, target: Dense): number {
  let sum = 0;
  x.data.forEach((value, at) => {
    sum += Math.abs(value - target.data[at]!);
  });
  return sum / x.data.length;
}

export const maeBackward = (x: Dense, target: Dense, dloss: number): Dense =>
  map(x, (value, at) => (dloss * Math.sign(value - target.data[at]!)) / x.data.length);

export interface AdamState {
  readonly parameter: Dense;
  readonly m: Dense;
  readonly v: Dense;
}

/** One step of Adam (Kingma & Ba 2015, algorithm 1); `step` counts from 1. */
export function adam(
  state: AdamState,
  gradient: Dense,
  {
    rate,
    beta1,
    beta2,
    eps,
    step,
  }: { rate: number; beta1: number; beta2: number; eps: number; step: number },
): AdamState {
  const m = map(state.m, (old, at) => beta1 * old + (1 - beta1) * gradient.data[at]!);
  const v = map(state.v, (old, at) => beta2 * old + (1 - beta2) * gradient.data[at]! ** 2);
  const parameter = map(state.parameter, (old, at) => {
    const mhat = m.data[at]! / (1 - beta1 ** step);
    const vhat = v.data[at]! / (1 - beta2 ** step);
    return old - (rate * mhat) / (Math.sqrt(vhat) + eps);
  });
  return { parameter, m, v };
}
