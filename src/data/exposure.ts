import { luminance } from '../srgb';
import type { LinearImage } from './image';

/** Luminance assumed for black pixels in the geometric mean. */
const DARKEST = 1e-6;

/** Geometric mean of the luminance, G(E) = exp(mean(ln Y)); pixels with Y <= 0 count as 1e-6. */
export function geometricMean({ data }: LinearImage): number {
  let sum = 0;
  for (let i = 0; i < data.length; i += 3) {
    const y = luminance(data[i] as number, data[i + 1] as number, data[i + 2] as number);
    sum += Math.log(y > 0 ? y : DARKEST);
  }
  return Math.exp((3 * sum) / data.length);
}

/**
 * Shutter time that puts the geometric mean at 0.18 * 2^v, mid grey for v = 0
 * (Kinoshita and Kiya 2019, X = dt E with dt = 0.18 * 2^v / G(E)).
 */
export function shutterTime(exposureValue: number, mean: number): number {
  return (0.18 * 2 ** exposureValue) / mean;
}
