import type { Random } from '../random';
import type { LinearImage } from './image';

/** Noise of a sensor whose signal x is 1 at saturation: variance gain * x + read^2. */
export interface SensorNoise {
  /** Shot noise: signal per electron, so that a signal of x has the variance gain * x. */
  readonly gain: number;
  /** Standard deviation without light. */
  readonly read: number;
}

/**
 * The exposed scene X = dt E as a sensor records it: independent normal noise in each channel of each pixel, never
 * below zero (the Poisson-Gaussian model of A. Foi et al., "Practical Poissonian-Gaussian noise modeling and fitting
 * for single-image raw-data", IEEE TIP 17(10), 2008, in its normal approximation).
 */
export function exposeWithNoise(
  scene: LinearImage,
  dt: number,
  { gain, read }: SensorNoise,
  random: Random,
): LinearImage {
  const data = scene.data.map((radiance) => {
    const x = dt * radiance;
    return Math.max(0, random.normal(x, Math.sqrt(gain * x + read * read)));
  });
  return { ...scene, data };
}
