import { luminance } from '../srgb';

/** Pixels with less colour than this (a tenth of an 8-bit step) have no meaningful hue. */
const ACHROMATIC = 0.1 / 255;

/**
 * Gives an enhanced pixel the hue of the original one, in place.
 *
 * On the plane of a constant hue a colour is a mix x = w white + k black + c pure, where pure is the maximally
 * saturated colour of that hue, (x - min x) / (max x - min x), and w = min x, k = 1 - max x, c = max x - min x. The
 * corrected pixel mixes white, black and the *original's* pure colour with the weights of the *enhanced* pixel: min y
 * + (max y - min y) pure(x). Its lightest and darkest channels keep their values. A grey original has no pure colour,
 * so it takes the luma (Rec. 709) of the enhanced pixel and stays grey.
 *
 * Source: Kinoshita and Kiya, "Hue-correction scheme based on constant-hue plane for deep-learning-based color-image
 * enhancement", IEEE Access 8, 2020. The treatment of grey is ours.
 *
 * @param original RGB in [0, 1].
 * @param enhanced RGB in [0, 1]; overwritten.
 */
export function keepHueOf(original: Float64Array, enhanced: Float64Array): void {
  const [r, g, b] = [original[0]!, original[1]!, original[2]!];
  const least = Math.min(r, g, b);
  const chroma = Math.max(r, g, b) - least;
  const [x, y, z] = [enhanced[0]!, enhanced[1]!, enhanced[2]!];
  if (chroma < ACHROMATIC) {
    enhanced.fill(luminance(x, y, z));
    return;
  }
  const white = Math.min(x, y, z);
  const pure = (Math.max(x, y, z) - white) / chroma;
  enhanced[0] = white + pure * (r - least);
  enhanced[1] = white + pure * (g - least);
  enhanced[2] = white + pure * (b - least);
}
