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
/** Brightness within which a window is neither black nor clipped. */
const USABLE = { low: 8, high: 247 };
/** How much a close-up exaggerates contrast. */
const GAIN = 4;

/**
 * The window in which the picture varies least from pixel to pixel while it is neither black nor clipped: where
 * bands and blocks would be seen first (Kinoshita and Kiya 2019, figures 4 and 5). Null where there is none.
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

/** Mean step from pixel to pixel along rows; infinite for windows that are black or clipped somewhere. */
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

/** The window with the contrast of each channel exaggerated about its mean, which goes to mid grey. */
export function closeUp({ width, data }: RgbImage, { x, y, side }: Square): RgbImage {
  const crop = new Uint8Array(3 * side * side);
  for (let row = 0; row < side; row++) {
    const from = 3 * ((y + row) * width + x);
    crop.set(data.subarray(from, from + 3 * side), 3 * row * side);
  }
  const means = [0, 1, 2].map((c) => {
    let sum = 0;
    for (let i = c; i < crop.length; i += 3) sum += crop[i] as number;
    return sum / (side * side);
  });
  const stretched = crop.map((level, i) => toLevel(128 + GAIN * (level - (means[i % 3] as number))));
  return { width: side, height: side, data: stretched };
}
