import type { Dense } from './dense';

const map = (t: Dense, value: (x: number, at: number) => number): Dense => ({
  shape: t.shape,
  data: t.data.map(value),
});

export const relu = (x: Dense): Dense => map(x, (value) => Math.max(value, 0));

/** Zero where the output (or the input) is not positive, as in PyTorch. */
export const reluBackward = (y: Dense, dy: Dense): Dense =>
  map(dy, (value, at) => (y.data[at]! > 0 ? value : 0));

export const elu = (x: Dense): Dense => map(x, (value) => (value > 0 ? value : Math.expm1(value)));

export const eluBackward = (y: Dense, dy: Dense): Dense =>
  map(dy, (value, at) => (y.data[at]! > 0 ? value : value * (y.data[at]! + 1)));

/** a + b + a b. */
export const sumProduct = (a: Dense, b: Dense): Dense =>
  map(a, (value, at) => (1 + value) * (1 + b.data[at]!) - 1);

/** With respect to the other side than b. */
export const sumProductBackward = (b: Dense, dy: Dense): Dense =>
  map(dy, (value, at) => value * (1 + b.data[at]!));

interface PowerAttributes {
  readonly exponent: number;
  readonly factor: number;
}

export const power = (x: Dense, { exponent, factor }: PowerAttributes): Dense =>
  map(x, (value) => (value > 0 ? factor * value ** exponent : 0));

export const powerBackward = (x: Dense, dy: Dense, { exponent, factor }: PowerAttributes): Dense =>
  map(dy, (value, at) => (x.data[at]! > 0 ? value * factor * exponent * x.data[at]! ** (exponent - 1) : 0));

interface LogAttributes {
  readonly scale: number;
  readonly offset: number;
  readonly square: boolean;
}

export const log = (x: Dense, { scale, offset, square }: LogAttributes): Dense =>
  map(x, (value) => Math.log((scale * value) ** (square ? 2 : 1) + offset));

export const logBackward = (x: Dense, dy: Dense, { scale, offset, square }: LogAttributes): Dense =>
  map(dy, (value, at) => {
    const scaled = scale * x.data[at]!;
    return square
      ? (value * 2 * scale * scaled) / (scaled ** 2 + offset)
      : (value * scale) / (scaled + offset);
  });

export const add = (a: Dense, b: Dense): Dense => map(a, (value, at) => value + b.data[at]!);

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
