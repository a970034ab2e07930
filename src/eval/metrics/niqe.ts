import { EigenvalueDecomposition, Matrix } from 'ml-matrix';
import { InputError } from '../../errors';
import { checkImage, createPlane, cropPlane, type Plane, type RgbImage } from '../image';
import { halveBicubic } from '../resize-bicubic';
import { type AsymmetricFit, fitAsymmetric, meanFactor, scaleFactor } from './generalised-gaussian';
import { luma } from './luma';
import { normaliseContrast, shiftedProducts } from './natural-scene';
import { NIQE_FEATURES, NIQE_PATCH, type NiqeModel } from './niqe-model';

/** Neighbours whose products are fitted, as (dy, dx). */
const SHIFTS = [
  [0, 1],
  [1, 0],
  [1, 1],
  [1, -1],
] as const;

/** The patches of one picture. */
export interface NiqePatches {
  /** The 36 features of each patch, row by row; NaN where a flat patch has none. */
  readonly features: readonly Float64Array[];
  /** Mean local deviation of each patch at full size, in levels. */
  readonly sharpness: readonly number[];
}

/**
 * Natural image quality evaluator: the distance between the statistics of a photo's 96 x 96 patches and those of
 * undistorted photos; smaller is better (A. Mittal, R. Soundararajan, A. C. Bovik, IEEE SPL 20(3), 2013). Incomplete
 * patches at the right and bottom are ignored.
 *
 * @throws InputError when the picture has fewer than two patches, or fewer than two that are not flat.
 */
export function niqe(image: RgbImage, model: NiqeModel): number {
  const { features } = niqePatches(image);
  const picture = summarise(features);
  if (!picture) {
    throw new InputError(
      `NIQE is undefined for this picture of ${image.width} x ${image.height}: fewer than two of its ` +
        `${NIQE_PATCH} x ${NIQE_PATCH} patches have any texture. Use a picture that is not flat.`,
    );
  }
  return distance(picture, model);
}

/**
 * The features of all whole patches of a picture.
 *
 * @throws InputError when there are fewer than two.
 */
export function niqePatches(image: RgbImage): NiqePatches {
  checkImage('niqe', image);
  const columns = Math.floor(image.width / NIQE_PATCH);
  const rows = Math.floor(image.height / NIQE_PATCH);
  if (columns * rows < 2) {
    throw new InputError(
      `NIQE needs two patches of ${NIQE_PATCH} x ${NIQE_PATCH} pixels; a picture of ${image.width} x ` +
        `${image.height} holds ${columns * rows}. Use a larger picture.`,
    );
  }
  const { width, height } = image;
  const grey: Plane = { width, height, data: Float64Array.from(luma(image.data)) };
  const full = cropPlane(grey, columns * NIQE_PATCH, rows * NIQE_PATCH);
  const fine = normaliseContrast(full, 'replicate');
  const coarse = normaliseContrast(halveBicubic(full), 'replicate');
  const fineBlocks = blocks(fine.coefficients, NIQE_PATCH);
  const coarseBlocks = blocks(coarse.coefficients, NIQE_PATCH / 2);
  return {
    features: fineBlocks.map((block, i) =>
      Float64Array.from([...blockFeatures(block), ...blockFeatures(coarseBlocks[i] as Plane)]),
    ),
    sharpness: blocks(fine.deviations, NIQE_PATCH).map(
      ({ data }) => data.reduce((sum, value) => sum + value, 0) / data.length,
    ),
  };
}

/**
 * Mean over patches, per feature, and covariance (n - 1) over the patches with all features; null if there are fewer
 * than two of these.
 */
export function summarise(patches: readonly Float64Array[]): NiqeModel | null {
  const whole = patches.filter((features) => !features.some(Number.isNaN));
  if (whole.length < 2) return null;
  const mean = means(patches);
  const centre = means(whole);
  const covariance = new Float64Array(NIQE_FEATURES ** 2);
  for (const features of whole) {
    for (let i = 0; i < NIQE_FEATURES; i++) {
      for (let j = 0; j < NIQE_FEATURES; j++) {
        const at = i * NIQE_FEATURES + j;
        const product =
          ((features[i] as number) - (centre[i] as number)) *
          ((features[j] as number) - (centre[j] as number));
        covariance[at] = (covariance[at] as number) + product / (whole.length - 1);
      }
    }
  }
  return { mean, covariance };
}

/** Per feature, over the patches that have it. */
function means(patches: readonly Float64Array[]): Float64Array {
  return Float64Array.from({ length: NIQE_FEATURES }, (_, i) => {
    const values = patches.map((features) => features[i] as number).filter((value) => !Number.isNaN(value));
    return values.reduce((sum, value) => sum + value, 0) / values.length;
  });
}

function blocks(plane: Plane, side: number): Plane[] {
  const result: Plane[] = [];
  for (let top = 0; top < plane.height; top += side) {
    for (let left = 0; left < plane.width; left += side) {
      const block = createPlane(side, side);
      for (let y = 0; y < side; y++) {
        const from = (top + y) * plane.width + left;
        block.data.set(plane.data.subarray(from, from + side), y * side);
      }
      result.push(block);
    }
  }
  return result;
}

function blockFeatures(block: Plane): number[] {
  const { shape, left, right } = scales(fitAsymmetric(block.data));
  const features = [shape, (left + right) / 2];
  for (const [dy, dx] of SHIFTS) {
    const pairs = scales(fitAsymmetric(shiftedProducts(block, dy, dx)));
    features.push(pairs.shape, (pairs.right - pairs.left) * meanFactor(pairs.shape), pairs.left, pairs.right);
  }
  return features;
}

/** Converts the root mean squares of both sides to scales of the distribution. */
function scales({ shape, left, right }: AsymmetricFit): AsymmetricFit {
  const factor = scaleFactor(shape);
  return { shape, left: left * factor, right: right * factor };
}

/**
 * sqrt(d pinv((S1 + S2) / 2) d^T) for the difference d of the means; eigenvalues at the level of rounding noise are
 * dropped.
 */
function distance(a: NiqeModel, b: NiqeModel): number {
  const pooled = Matrix.from1DArray(
    NIQE_FEATURES,
    NIQE_FEATURES,
    a.covariance.map((value, i) => (value + (b.covariance[i] as number)) / 2),
  );
  const difference = a.mean.map((value, i) => value - (b.mean[i] as number));
  const { realEigenvalues, eigenvectorMatrix } = new EigenvalueDecomposition(pooled, {
    assumeSymmetric: true,
  });
  const largest = Math.max(...realEigenvalues.map(Math.abs));
  let sum = 0;
  realEigenvalues.forEach((eigenvalue, k) => {
    if (Math.abs(eigenvalue) <= NIQE_FEATURES * Number.EPSILON * largest) return;
    const along = difference.reduce((dot, value, i) => dot + value * eigenvectorMatrix.get(i, k), 0);
    sum += along ** 2 / eigenvalue;
  });
  if (!(sum >= 0)) {
    throw new InputError(
      'The covariance of the NIQE model is invalid: it has negative eigenvalues. Use another model.',
    );
  }
  return Math.sqrt(sum);
}
