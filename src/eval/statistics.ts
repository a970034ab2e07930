import { Random } from '../random';

interface Summary {
  readonly count: number;
  readonly mean: number;
  /** Standard deviation (n - 1); 0 of a single value. */
  readonly deviation: number;
}

/** A mean with the bounds of its confidence interval. */
export interface Interval {
  readonly mean: number;
  readonly low: number;
  readonly high: number;
}

const RESAMPLES = 2000;
/** The share left out on each side: 95 % lie within. */
const TAIL = 0.025;

/** Null if there are no values. */
export function summarise(values: readonly number[]): Summary | null {
  if (values.length === 0) return null;
  const mean = average(values);
  const squares = values.reduce((sum, value) => sum + (value - mean) ** 2, 0);
  const deviation = values.length > 1 ? Math.sqrt(squares / (values.length - 1)) : 0;
  return { count: values.length, mean, deviation };
}

/**
 * 95 % interval of the mean of all values by the bootstrap: percentiles of the means of samples drawn with
 * replacement (B. Efron, Ann. Statist. 7(1), 1979). Draws whole groups, since values of one group are correlated.
 * Null for fewer than two groups.
 *
 * @param groups none of them empty.
 * @param seed determines the draws.
 */
export function bootstrapMean(groups: readonly (readonly number[])[], seed: number): Interval | null {
  if (groups.length < 2) return null;
  const random = new Random(seed).fork('bootstrap');
  const totals = groups.map((values) => ({ sum: total(values), count: values.length }));
  const means = Float64Array.from({ length: RESAMPLES }, () => {
    let [sum, count] = [0, 0];
    for (let i = 0; i < totals.length; i++) {
      const drawn = totals[random.integer(totals.length)]!;
      sum += drawn.sum;
      count += drawn.count;
    }
    return sum / count;
  }).sort();
  const at = (share: number) => means[Math.min(Math.floor(share * RESAMPLES), RESAMPLES - 1)] as number;
  return { mean: average(groups.flat()), low: at(TAIL), high: at(1 - TAIL) };
}

const total = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0);

const average = (values: readonly number[]): number => total(values) / values.length;
