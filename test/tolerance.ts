/** Distance from 1 to the next f32. */
export const EPSILON_F32 = 2 ** -23;

/** Rounding errors accumulate like a random walk; this many standard deviations are allowed. */
const MULTIPLE = 8;

/**
 * The error allowed for a sum of `reduction` terms computed in f32, in units of `magnitude`: the size of the
 * largest result, or of the terms where they may cancel.
 */
export function tolerance(reduction: number, magnitude: number): number {
  return MULTIPLE * EPSILON_F32 * Math.sqrt(Math.max(reduction, 1)) * magnitude;
}

export interface Comparison {
  /** The start of the failure message. */
  readonly name: string;
  /** Number of terms that were added for one result; 1 for pointwise operators. */
  readonly reduction: number;
  /** Size of the terms of the sum, if they may cancel so that the results are smaller than they. */
  readonly terms?: number;
}

function largest(values: ArrayLike<number>): number {
  let result = 0;
  for (let i = 0; i < values.length; i++) result = Math.max(result, Math.abs(values[i]!));
  return result;
}

/** Throws, naming the worst element, unless every element of `got` is within the tolerance of `want`. */
export function expectClose(got: ArrayLike<number>, want: ArrayLike<number>, comparison: Comparison): void {
  const { name, reduction, terms = 0 } = comparison;
  if (got.length !== want.length)
    throw new Error(`${name}: got ${got.length} numbers, wanted ${want.length}`);
  const allowed = tolerance(reduction, Math.max(largest(want), terms));
  let worst = 0;
  let worstError = 0;
  for (let i = 0; i < want.length; i++) {
    const difference = Math.abs(got[i]! - want[i]!);
    const error = Number.isNaN(difference) ? Number.POSITIVE_INFINITY : difference;
    if (error > worstError) [worst, worstError] = [i, error];
  }
  if (!(worstError <= allowed)) {
    throw new Error(
      `${name}: element ${worst} of ${want.length} is ${got[worst]}, wanted ${want[worst]}; ` +
        `off by ${worstError.toExponential(2)}, allowed ${allowed.toExponential(2)}`,
    );
  }
}

/** Throws unless the two arrays agree to the bit (NaN equals NaN, 0 does not equal -0). */
export function expectSame(got: ArrayLike<number>, want: ArrayLike<number>, name: string): void {
  if (got.length !== want.length)
    throw new Error(`${name}: got ${got.length} numbers, wanted ${want.length}`);
  for (let i = 0; i < want.length; i++) {
    if (!Object.is(got[i], want[i])) {
      throw new Error(`${name}: element ${i} is ${got[i]}, wanted exactly ${want[i]}`);
    }
  }
}
