import { histogram, luma } from './luma';

/**
 * Discrete entropy in bits, 0..8: of the 256-bin histogram of the integer luma (C. E. Shannon, 1948). More means
 * that more levels are in use.
 *
 * @param rgb 8-bit picture, interleaved.
 */
export function entropy(rgb: Uint8Array): number {
  const grey = luma(rgb);
  let bits = 0;
  for (const count of histogram(grey)) {
    if (count > 0) bits -= (count / grey.length) * Math.log2(count / grey.length);
  }
  return bits;
}
