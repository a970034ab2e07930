/** Matrices of a Winograd convolution along one axis: y = AT ((G g) . (BT d)). */
export interface WinogradMatrices {
  /** [outputs, points] */
  readonly AT: readonly (readonly number[])[];
  /** [points, kernel] */
  readonly G: readonly (readonly number[])[];
  /** [points, points] */
  readonly BT: readonly (readonly number[])[];
}

/** The finite points of `shaders/winograd_*.wgsl`; infinity is the sixth. */
export const WINOGRAD_POINTS = [0, 5 / 8, -5 / 8, 3 / 2, -3 / 2];

/**
 * F(outputs, kernel) by the Toom-Cook method at the given finite points and infinity (Lavin and Gray 2016;
 * Barabasz et al., ACM TOMS 46 (4), 2020, section 2): polynomials are multiplied by their values at the points,
 * and the matrices of the product, transposed, correlate.
 */
export function winogradMatrices(
  points: readonly number[],
  outputs: number,
  kernel: number,
): WinogradMatrices {
  const powers = (count: number) =>
    points.map((point) => Array.from({ length: count }, (_, k) => point ** k));
  const last = (count: number) => Array.from({ length: count }, (_, k) => Number(k === count - 1));
  const others = (at: number) => points.filter((_, k) => k !== at);
  const scale = points.map((p, at) => 1 / others(at).reduce((product, q) => product * (p - q), 1));
  const evaluated = [...powers(outputs), last(outputs)];
  return {
    AT: Array.from({ length: outputs }, (_, row) => evaluated.map((values) => values[row]!)),
    G: [...powers(kernel).map((row, at) => row.map((value) => value * scale[at]!)), last(kernel)],
    BT: [...points.map((_, at) => [...polynomial(others(at)), 0]), polynomial(points)],
  };
}

/** Coefficients, lowest first, of the polynomial with these roots and 1 in front. */
function polynomial(roots: readonly number[]): number[] {
  return roots.reduce<number[]>(
    (p, root) => p.concat(0).map((_, k) => (p[k - 1] ?? 0) - root * (p[k] ?? 0)),
    [1],
  );
}

/**
 * How much larger the terms are that a Winograd convolution adds up for one output than the output itself, for
 * random inputs and kernels, in two dimensions: the factor by which its rounding error may exceed that of a
 * direct sum. The largest over the outputs.
 */
export function errorGrowth({ AT, G, BT }: WinogradMatrices): number {
  const square = (values: readonly number[]) => values.reduce((sum, value) => sum + value * value, 0);
  const kernel = G[0]!.length;
  const variances = AT.map((row) =>
    row.reduce((sum, a, p) => sum + a * a * square(BT[p]!) * square(G[p]!), 0),
  );
  return Math.max(...variances) / kernel;
}
