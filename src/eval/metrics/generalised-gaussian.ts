import { logGamma } from '../special-functions';

/**
 * Fits of generalised Gaussians by matching moments on a grid of shapes: 0.2 to 10 in steps of 0.001
 * (A. Mittal, A. K. Moorthy, A. C. Bovik, IEEE TIP 21(12), 2012; N.-E. Lasmar et al., ICIP 2009).
 */
const FIRST_SHAPE = 0.2;
const SHAPE_STEP = 0.001;
const SHAPES = 9801;

/** A zero-mean generalised Gaussian. */
interface GaussianFit {
  readonly shape: number;
  readonly variance: number;
}

/** An asymmetric one, with the root mean squares of its negative and its positive values. */
export interface AsymmetricFit {
  readonly shape: number;
  readonly left: number;
  readonly right: number;
}

/** All NaN if all values are zero. */
export function fitGaussian(values: Float64Array): GaussianFit {
  let squares = 0;
  let magnitudes = 0;
  for (const value of values) {
    squares += value * value;
    magnitudes += Math.abs(value);
  }
  const variance = squares / values.length;
  return { shape: inverseShape(variance / (magnitudes / values.length) ** 2), variance };
}

/** All NaN if no value is negative, or none positive. */
export function fitAsymmetric(values: Float64Array): AsymmetricFit {
  let leftSquares = 0;
  let rightSquares = 0;
  let leftCount = 0;
  let rightCount = 0;
  let magnitudes = 0;
  for (const value of values) {
    if (value < 0) {
      leftSquares += value * value;
      leftCount++;
      magnitudes -= value;
    } else if (value > 0) {
      rightSquares += value * value;
      rightCount++;
      magnitudes += value;
    }
  }
  const left = Math.sqrt(leftSquares / leftCount);
  const right = Math.sqrt(rightSquares / rightCount);
  const skew = left / right;
  const ratio = (magnitudes / values.length) ** 2 / ((leftSquares + rightSquares) / values.length);
  const target = (ratio * (skew ** 3 + 1) * (skew + 1)) / (skew ** 2 + 1) ** 2;
  return { shape: shapeOf(target), left, right };
}

/** Gamma(2/a) / Gamma(1/a). */
export function meanFactor(shape: number): number {
  return Math.exp(logGamma(2 / shape) - logGamma(1 / shape));
}

/** sqrt(Gamma(1/a) / Gamma(3/a)): from root mean square to scale. */
export function scaleFactor(shape: number): number {
  return Math.exp((logGamma(1 / shape) - logGamma(3 / shape)) / 2);
}

let ratios: Float64Array | undefined;

/** Gamma(2/a)^2 / (Gamma(1/a) Gamma(3/a)) over the grid; it grows with a. */
function ratioTable(): Float64Array {
  ratios ??= Float64Array.from({ length: SHAPES }, (_, j) => {
    const shape = gridShape(j);
    return Math.exp(2 * logGamma(2 / shape) - logGamma(1 / shape) - logGamma(3 / shape));
  });
  return ratios;
}

const gridShape = (j: number): number => FIRST_SHAPE + SHAPE_STEP * j;

/** The shape on the grid whose ratio is nearest to the target. */
function shapeOf(target: number): number {
  if (Number.isNaN(target)) return Number.NaN;
  return nearestShape(target, (ratio) => ratio);
}

/** The same by the reciprocals of the ratios, which changes where two shapes are equally near. */
function inverseShape(target: number): number {
  if (Number.isNaN(target)) return Number.NaN;
  return nearestShape(-target, (ratio) => -1 / ratio);
}

/** By bisection, since `measure` of the ratios grows over the grid. Ties go to the smaller shape. */
function nearestShape(target: number, measure: (ratio: number) => number): number {
  const table = ratioTable();
  let low = 0;
  let high = SHAPES - 1;
  while (high - low > 1) {
    const middle = (low + high) >> 1;
    if (measure(table[middle] as number) < target) low = middle;
    else high = middle;
  }
  const distance = (j: number) => Math.abs(measure(table[j] as number) - target);
  return gridShape(distance(low) <= distance(high) ? low : high);
}
