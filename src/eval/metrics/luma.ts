import { luma as lumaOf } from '../../srgb';

/**
 * Integer luma 0..255 of an 8-bit RGB picture (interleaved): NTSC weights, rounding halves up, like MATLAB's rgb2gray
 * for uint8, on which the photo metrics are defined.
 */
export function luma(rgb: Uint8Array): Uint8Array {
  const grey = new Uint8Array(rgb.length / 3);
  for (let i = 0, j = 0; i < grey.length; i++, j += 3) {
    grey[i] = Math.floor(lumaOf(rgb[j]!, rgb[j + 1]!, rgb[j + 2]!) + 0.5);
  }
  return grey;
}

/** Counts the pixels at each of the 256 levels. */
export function histogram(levels: Uint8Array): Uint32Array {
  const counts = new Uint32Array(256);
  for (const level of levels) counts[level] = (counts[level] as number) + 1;
  return counts;
}
