import { histogram, luma } from './luma';

/**
 * Discrete entropy in bits, 0..8, of the 256-bin histogram of the integer luma (C. E. Shannon, 1948). Larger values
 * mean that more levels are in use.
 *
 * @param rgb 8-bit picture, interleaved.
 */
export function entropy(rgb: Uint8Array): number {
  return histogramEntropy(luma(rgb));
}

/**
 * The same for linear-light luminance: Rec. 709 luminance of the channels to the power 2.2, rounded to 0..255.
 * Reproduces the published table of Kinoshita and Kiya (2019), which luma does not.
 *
 * @param rgb 8-bit picture, interleaved.
 */
export function linearEntropy(rgb: Uint8Array): number {
  const linear = Float64Array.from({ length: 256 }, (_, level) => 255 * (level / 255) ** 2.2);
  const levels = new Uint8Array(rgb.length / 3);
  for (let i = 0, j = 0; i < levels.length; i++, j += 3) {
    const r = linear[rgb[j] as number] as number;
    const g = linear[rgb[j + 1] as number] as number;
    const b = linear[rgb[j + 2] as number] as number;
    levels[i] = Math.floor(0.2126 * r + 0.7152 * g + 0.0722 * b + 0.5);
  }
  return histogramEntropy(levels);
}

function histogramEntropy(levels: Uint8Array): number {
  let bits = 0;
  for (const count of histogram(levels)) {
    if (count > 0) bits -= (count / levels.length) * Math.log2(count / levels.length);
  }
  return bits;
}
