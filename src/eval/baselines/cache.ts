import { checkImage, createPlane, type Plane, type RgbImage } from '../image';
import { luma } from '../metrics/luma';
import { halveBicubic, resizeBicubic } from '../resize-bicubic';
import { rescaleChannels, toLevel } from './rescale';

const LEVELS = 4;
/** Short side at which contrast is measured, pixels. */
const SHORT_SIDE = 256;
/** Weight of a pixel without contrast. */
const FLOOR = 0.001;

/**
 * Contrast-accumulated histogram equalisation (X. Wu, X. Liu, K. Hiramatsu, K. Kashino, ICIP 2017): equalises a
 * histogram of the luma in which each pixel is weighted by how much darker it is than its neighbours over four
 * scales; the channels follow the luma. Written from the paper, since no program of the authors is public.
 */
export function cache(image: RgbImage): RgbImage {
  checkImage('cache', image);
  const levels = luma(image.data);
  const map = cacheMap(image, levels);
  const mapped = Float64Array.from(levels, (level) => map[level] as number);
  return { ...image, data: rescaleChannels(image.data, levels, mapped) };
}

/** CACHE of the luma alone: one grey level per pixel. */
export function cacheLuma(image: RgbImage): Uint8Array {
  checkImage('cache', image);
  const levels = luma(image.data);
  const map = cacheMap(image, levels);
  return levels.map((level) => toLevel(map[level] as number));
}

/** The new value of each level 0..255, unrounded. */
export function cacheMap(
  { width, height }: Pick<RgbImage, 'width' | 'height'>,
  levels: Uint8Array,
): Float64Array {
  const scale = SHORT_SIDE / Math.min(width, height);
  const base = resizeBicubic(
    { width, height, data: Float64Array.from(levels) },
    Math.round(width * scale),
    Math.round(height * scale),
  );
  const weights = accumulatedContrast(base);
  const histogram = new Float64Array(256);
  base.data.forEach((value, i) => {
    const level = toLevel(value);
    histogram[level] = (histogram[level] as number) + (weights[i] as number);
  });
  const total = histogram.reduce((sum, weight) => sum + weight, 0);
  let cumulative = 0;
  return histogram.map((weight) => {
    cumulative += weight;
    return (255 * cumulative) / total;
  });
}

/** Geometric mean over the scales of how much darker a pixel is than its neighbours. */
function accumulatedContrast(base: Plane): Float64Array {
  const product = new Float64Array(base.data.length).fill(1);
  let level = base;
  for (let l = 0; l < LEVELS; l++) {
    if (l > 0) level = halveBicubic(level);
    const contrast = resizeBicubic(darkContrast(level), base.width, base.height);
    for (let i = 0; i < product.length; i++) {
      product[i] = (product[i] as number) * Math.max(contrast.data[i] as number, FLOOR);
    }
  }
  return product.map((value) => value ** (1 / LEVELS));
}

/** Sum of max(neighbour - pixel, 0) / 255 over the 4 neighbours inside the picture. */
function darkContrast({ width, height, data }: Plane): Plane {
  const result = createPlane(width, height);
  for (let y = 0, i = 0; y < height; y++) {
    for (let x = 0; x < width; x++, i++) {
      const own = data[i] as number;
      let sum = 0;
      if (x > 0) sum += Math.max((data[i - 1] as number) - own, 0);
      if (x + 1 < width) sum += Math.max((data[i + 1] as number) - own, 0);
      if (y > 0) sum += Math.max((data[i - width] as number) - own, 0);
      if (y + 1 < height) sum += Math.max((data[i + width] as number) - own, 0);
      result.data[i] = sum / 255;
    }
  }
  return result;
}
