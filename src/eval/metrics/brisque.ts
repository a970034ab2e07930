import { InputError } from '../../errors';
import { checkImage, type Plane, type RgbImage } from '../image';
import { halveBicubic } from '../resize-bicubic';
import { BRISQUE_FEATURES, type BrisqueModel, type BrisqueRanges } from './brisque-model';
import { fitAsymmetric, fitGaussian, meanFactor, scaleFactor } from './generalised-gaussian';
import { luma } from './luma';
import { normaliseContrast, shiftedProducts } from './natural-scene';

/** Neighbours whose products are fitted, as (dy, dx). */
const SHIFTS = [
  [0, 1],
  [1, 0],
  [1, 1],
  [-1, 1],
] as const;

/**
 * Blind/referenceless image spatial quality evaluator: a regression from the statistics of a photo to the score that
 * its model was trained on. With the authors' model this is a degradation, so smaller is better (A. Mittal, A. K.
 * Moorthy, A. C. Bovik, IEEE TIP 21(12), 2012). Neither the scaled features nor the score are clipped.
 *
 * @throws InputError for a flat picture, which has no statistics.
 */
export function brisque(image: RgbImage, model: BrisqueModel): number {
  return brisqueScore(brisqueFeatures(image), model);
}

/** The model's score for 36 features. */
function brisqueScore(features: Float64Array, model: BrisqueModel): number {
  const scaled = scaleFeatures(features, model.ranges);
  let score = -model.rho;
  model.coefficients.forEach((coefficient, k) => {
    let squares = 0;
    for (let i = 0; i < BRISQUE_FEATURES; i++) {
      squares += ((model.supportVectors[k * BRISQUE_FEATURES + i] as number) - (scaled[i] as number)) ** 2;
    }
    score += coefficient * Math.exp(-model.gamma * squares);
  });
  return score;
}

/** Scales features to the model's range; features beyond those of its training pictures leave it. */
export function scaleFeatures(
  features: Float64Array,
  { lower, upper, min, max }: BrisqueRanges,
): Float64Array {
  return features.map((feature, i) => {
    const low = min[i] as number;
    return lower + ((upper - lower) * (feature - low)) / ((max[i] as number) - low);
  });
}

/**
 * The 36 features of a picture: 18 at full and 18 at half size.
 *
 * @throws InputError when the picture is flat.
 */
export function brisqueFeatures(image: RgbImage): Float64Array {
  checkImage('brisque', image);
  const { width, height } = image;
  const grey: Plane = { width, height, data: Float64Array.from(luma(image.data)) };
  const features = Float64Array.from([...featuresOf(grey), ...featuresOf(halveBicubic(grey))]);
  if (features.some(Number.isNaN)) {
    throw new InputError(
      `BRISQUE is undefined for this picture of ${width} x ${height}: it is flat. Use a picture with some texture.`,
    );
  }
  return features;
}

/** The 18 features of one scale. */
function featuresOf(plane: Plane): number[] {
  const { coefficients } = normaliseContrast(plane, 'zero');
  const { shape, variance } = fitGaussian(coefficients.data);
  const features = [shape, variance];
  for (const [dy, dx] of SHIFTS) {
    const pairs = fitAsymmetric(shiftedProducts(coefficients, dy, dx));
    const mean = (pairs.right - pairs.left) * scaleFactor(pairs.shape) * meanFactor(pairs.shape);
    features.push(pairs.shape, mean, pairs.left ** 2, pairs.right ** 2);
  }
  return features;
}
