import { toLevel } from './baselines/rescale';
import type { RgbImage } from './image';
import { luma } from './metrics/luma';

/** A square of a picture. */
export interface Square {
  readonly x: number;
  readonly y: number;
  readonly side: number;
}

/** Share of the short side. */
const SIDE = 1 / 4;
/** Range of brightness in which a window is neither black nor clipped. */
const USABLE = { low: 8, high: 247 };
/** The factor by which a close-up exaggerates contrast. */
const GAIN = 4;

/**
 * The window with the least variation from pixel to pixel that is neither black nor clipped, where banding and blocks
 * would show first (Kinoshita and Kiya 2019, figures 4 and 5). Null if there is none.
 */
export function smoothestSquare(image: RgbImage): Square | null {
  const { width, height } = image;
  const side = Math.floor(SIDE * Math.min(width, height));
  const step = Math.floor(side / 2);
  if (step < 1) return null;
  const grey = luma(image.data);
  let best: Square | null = null;
  let least = Infinity;
  for (let y = 0; y + side <= height; y += step) {
    for (let x = 0; x + side <= width; x += step) {
      const roughness = roughnessOf(grey, width, { x, y, side });
      if (roughness >= least) continue;
      least = roughness;
      best = { x, y, side };
    }
  }
  return best;
}

/** Mean step from pixel to pixel along rows; infinite for windows that are partly black or clipped. */
function roughnessOf(grey: Uint8Array, width: number, { x, y, side }: Square): number {
  let sum = 0;
  for (let row = y; row < y + side; row++) {
    for (let i = row * width + x; i < row * width + x + side - 1; i++) {
      const level = grey[i] as number;
      if (level < USABLE.low || level > USABLE.high) return Infinity;
      sum += Math.abs(level - (grey[i + 1] as number));
    }
  }
  return sum / (side * (side - 1));
}

/** Sides of the window that `unevenSquare` finds and of the blocks averaged in it, as shares of the short side. */
const UNEVEN = { side: 1 / 2, block: 1 / 16 };

/**
 * The window in which the error against the target, averaged over blocks, varies most: a network that does not see
 * the whole picture brightens parts of one surface differently (Kinoshita and Kiya 2019, figure 5). Null for pictures
 * that are too small.
 */
export function unevenSquare(image: RgbImage, target: RgbImage): Square | null {
  const { width, height } = image;
  const side = Math.floor(UNEVEN.side * Math.min(width, height));
  const block = Math.floor(UNEVEN.block * Math.min(width, height));
  if (block < 1) return null;
  const [got, wanted] = [luma(image.data), luma(target.data)];
  const error = Float64Array.from(got, (level, i) => level - (wanted[i] as number));
  let best: Square | null = null;
  let most = -1;
  for (let y = 0; y + side <= height; y += block) {
    for (let x = 0; x + side <= width; x += block) {
      const variance = blockVariance(error, width, { x, y, side }, block);
      if (variance <= most) continue;
      most = variance;
      best = { x, y, side };
    }
  }
  return best;
}

/** Variance of the means of the blocks of a window. */
function blockVariance(values: Float64Array, width: number, { x, y, side }: Square, block: number): number {
  const means: number[] = [];
  for (let row = y; row + block <= y + side; row += block) {
    for (let column = x; column + block <= x + side; column += block) {
      let sum = 0;
      for (let i = 0; i < block * block; i++) {
        sum += values[(row + Math.floor(i / block)) * width + column + (i % block)] as number;
      }
      means.push(sum / block ** 2);
    }
  }
  const mean = means.reduce((sum, value) => sum + value, 0) / means.length;
  return means.reduce((sum, value) => sum + (value - mean) ** 2, 0) / means.length;
}

/** Cuts a window out of a picture. */
export function crop({ width, data }: RgbImage, { x, y, side }: Square): RgbImage {
  const pixels = new Uint8Array(3 * side * side);
  for (let row = 0; row < side; row++) {
    const from = 3 * ((y + row) * width + x);
    pixels.set(data.subarray(from, from + 3 * side), 3 * row * side);
  }
  return { width: side, height: side, data: pixels };
}

/** The window with the contrast of each channel exaggerated around its mean, which becomes mid grey. */
export function closeUp(image: RgbImage, square: Square): RgbImage {
  const { side } = square;
  const pixels = crop(image, square).data;
  const means = [0, 1, 2].map((c) => {
    let sum = 0;
    for (let i = c; i < pixels.length; i += 3) sum += pixels[i] as number;
    return sum / (side * side);
  });
  const stretched = pixels.map((level, i) => toLevel(128 + GAIN * (level - (means[i % 3] as number))));
  return { width: side, height: side, data: stretched };
}
