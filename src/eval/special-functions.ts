/** Coefficients of C. Lanczos' approximation with g = 7 (good to 1e-14 for x > 0). */
const LANCZOS = [
  0.99999999999980993, 676.5203681218851, -1259.1392167224028, 771.32342877765313, -176.61502916214059,
  12.507343278686905, -0.13857109526572012, 9.9843695780195716e-6, 1.5056327351493116e-7,
] as const;

/**
 * ln(Gamma(x)) for x > 0 (C. Lanczos, SIAM J. Numer. Anal. 1, 1964). Ten lines here avoid the dozens of packages that
 * libraries for special functions consist of.
 */
export function logGamma(x: number): number {
  // Gamma(x) = Gamma(x + 1) / x keeps small arguments away from the pole.
  if (x < 0.5) return logGamma(x + 1) - Math.log(x);
  const shifted = x - 1;
  let series: number = LANCZOS[0];
  for (let k = 1; k < LANCZOS.length; k++) series += (LANCZOS[k] as number) / (shifted + k);
  const t = shifted + 7.5;
  return 0.5 * Math.log(2 * Math.PI) + (shifted + 0.5) * Math.log(t) - t + Math.log(series);
}

/** Cumulative distribution of the standard normal, good to about 1e-15 absolute. */
export function normalCdf(x: number): number {
  return x < 0 ? 0.5 * erfc(-x / Math.SQRT2) : 1 - 0.5 * erfc(x / Math.SQRT2);
}

/** 1 - erf(x) for x >= 0: a series near 0, a continued fraction in the tail. */
function erfc(x: number): number {
  if (x < 2) return 1 - erfSeries(x);
  if (x > 27) return 0;
  let fraction = 0;
  for (let k = 60; k > 0; k--) fraction = k / 2 / (x + fraction);
  return Math.exp(-x * x) / (Math.sqrt(Math.PI) * (x + fraction));
}

/** erf(x) = 2/sqrt(pi) exp(-x^2) sum of 2^n x^(2n+1) / (2n+1)!!, all terms positive. */
function erfSeries(x: number): number {
  let term = x;
  let sum = x;
  for (let n = 1; term > 1e-17 * sum; n++) {
    term *= (2 * x * x) / (2 * n + 1);
    sum += term;
  }
  return (2 / Math.sqrt(Math.PI)) * Math.exp(-x * x) * sum;
}
