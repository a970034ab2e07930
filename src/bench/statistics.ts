/** The median and the middle half of the values. */
export interface Spread {
  readonly median: number;
  /** First and third quartiles. */
  readonly low: number;
  readonly high: number;
}

/** Median and quartiles, interpolated linearly. NaN if there are no values. */
export function spread(values: readonly number[]): Spread {
  const sorted = [...values].sort((a, b) => a - b);
  return { median: quantile(sorted, 0.5), low: quantile(sorted, 0.25), high: quantile(sorted, 0.75) };
}

/** Ratio of their time to ours, pair by pair, for samples taken in the same round. */
export function pairedRatio(theirs: readonly number[], ours: readonly number[]): Spread {
  if (theirs.length !== ours.length) throw new RangeError('Paired samples come in equal numbers.');
  return spread(theirs.map((value, round) => value / ours[round]!));
}

function quantile(sorted: readonly number[], share: number): number {
  const at = share * (sorted.length - 1);
  const below = sorted[Math.floor(at)] ?? Number.NaN;
  const above = sorted[Math.ceil(at)] ?? Number.NaN;
  return below + (above - below) * (at - Math.floor(at));
}
