/** Approximate number of labels on an axis. */
const TICKS = 5;

/**
 * Round values (1, 2 or 5 times a power of ten) within [low, high] for labelling an axis, ascending. At least two:
 * with fewer round values, the ends.
 */
export function axisTicks(low: number, high: number, logarithmic: boolean): number[] {
  if (!(high > low)) return [low];
  const ticks = logarithmic ? logarithmicTicks(low, high) : linearTicks(low, high);
  return ticks.length >= 2 ? ticks : [low, high];
}

function linearTicks(low: number, high: number): number[] {
  const rough = (high - low) / TICKS;
  const power = 10 ** Math.floor(Math.log10(rough));
  const spacing = [1, 2, 5, 10].map((factor) => factor * power).find((step) => step >= rough)!;
  const first = Math.ceil(low / spacing);
  const last = Math.floor(high / spacing);
  // Multiples avoid accumulated rounding, such as 0.30000000000000004 for 0.3.
  return Array.from({ length: Math.max(0, last - first + 1) }, (_, i) =>
    Number(((first + i) * spacing).toPrecision(12)),
  );
}

/** Powers of ten, with 2 and 5 in between if there are few. */
function logarithmicTicks(low: number, high: number): number[] {
  const exponents = [Math.floor(Math.log10(low)), Math.ceil(Math.log10(high))] as const;
  const within = (factors: readonly number[]): number[] => {
    const ticks: number[] = [];
    for (let exponent = exponents[0]; exponent <= exponents[1]; exponent++) {
      for (const factor of factors) ticks.push(Number(`${factor}e${exponent}`));
    }
    return ticks.filter((tick) => tick >= low && tick <= high);
  };
  const powers = within([1]);
  if (powers.length >= 3) return powers;
  const finer = within([1, 2, 5]);
  // Within one octave a logarithm is nearly linear.
  return finer.length >= 3 ? finer : linearTicks(low, high);
}
