import { InputError } from '../../errors';
import { type NiqePatches, summarise } from './niqe';
import { NIQE_FEATURES, type NiqeModel } from './niqe-model';

/** Only patches are used whose mean local deviation exceeds this share of the sharpest patch's in the same picture. */
export const SHARPNESS_THRESHOLD = 0.75;

/** Features of a picture's sharp patches, which are in focus (A. Mittal et al., IEEE SPL 20(3), 2013). */
export function sharpPatches({ features, sharpness }: NiqePatches): Float64Array[] {
  const limit = SHARPNESS_THRESHOLD * Math.max(...sharpness);
  return features.filter((_, i) => (sharpness[i] as number) > limit);
}

/**
 * Fits a Gaussian to the sharp patches of undistorted pictures.
 *
 * @throws InputError when there are too few patches for a covariance of full rank.
 */
export function fitNiqe(patches: readonly Float64Array[]): NiqeModel {
  const whole = patches.filter((features) => !features.some(Number.isNaN));
  const model = summarise(whole);
  if (!model || whole.length <= NIQE_FEATURES) {
    throw new InputError(
      `${whole.length} sharp patches are too few to fit ${NIQE_FEATURES} features; more than ${NIQE_FEATURES} are needed, ` +
        'better thousands. Add pictures.',
    );
  }
  return model;
}
