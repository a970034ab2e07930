import type { Plane } from '../image';

const BLOCK = 11;
/** Among photos, brightness has a Gaussian distribution, and contrast d / 64.29 a beta distribution. */
const BRIGHTNESS = { mean: 115.94, deviation: 27.99 };
const CONTRAST = { scale: 64.29, alpha: 4.4, beta: 10.1 };

/**
 * Statistical naturalness, 0..1, of gamma-coded luminance 0..255: how typical of photos the mean and the local
 * contrast are, each density divided by its maximum (H. Yeganeh, Z. Wang, IEEE TIP 22(2), 2013).
 */
export function naturalness(plane: Plane): number {
  const mean = plane.data.reduce((sum, value) => sum + value, 0) / plane.data.length;
  const brightness = Math.exp(-((mean - BRIGHTNESS.mean) ** 2) / (2 * BRIGHTNESS.deviation ** 2));
  const { alpha, beta, scale } = CONTRAST;
  const contrast = meanBlockDeviation(plane) / scale;
  if (contrast <= 0 || contrast >= 1) return 0;
  const mode = (alpha - 1) / (alpha + beta - 2);
  const logDensity = (x: number) => (alpha - 1) * Math.log(x) + (beta - 1) * Math.log(1 - x);
  return brightness * Math.exp(logDensity(contrast) - logDensity(mode));
}

/** Mean over all pixels of the deviation (n - 1) of their 11 x 11 block; incomplete blocks are filled with zeros. */
function meanBlockDeviation({ width, height, data }: Plane): number {
  let sum = 0;
  for (let top = 0; top < height; top += BLOCK) {
    for (let left = 0; left < width; left += BLOCK) {
      const right = Math.min(left + BLOCK, width);
      const bottom = Math.min(top + BLOCK, height);
      const values: number[] = [];
      for (let y = top; y < bottom; y++) values.push(...data.subarray(y * width + left, y * width + right));
      sum += values.length * deviation(values, BLOCK * BLOCK);
    }
  }
  return sum / data.length;
}

/** Deviation of `values`, padded with zeros to `count` values. */
function deviation(values: readonly number[], count: number): number {
  const mean = values.reduce((sum, value) => sum + value, 0) / count;
  const squares = values.reduce(
    (sum, value) => sum + (value - mean) ** 2,
    (count - values.length) * mean ** 2,
  );
  return Math.sqrt(squares / (count - 1));
}
