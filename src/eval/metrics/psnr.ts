import { ShapeError } from '../../errors';

/**
 * Peak signal-to-noise ratio of two 8-bit pictures in dB, over all samples (of all channels) together;
 * Infinity for equal ones.
 *
 * @throws ShapeError when the pictures differ in size or are empty.
 */
export function psnr(a: Uint8Array, b: Uint8Array): number {
  return -10 * Math.log10(meanSquaredError(a, b) / 255 ** 2);
}

/** Mean of the squared differences, in levels squared. */
function meanSquaredError(a: Uint8Array, b: Uint8Array): number {
  if (a.length !== b.length || a.length === 0) {
    throw new ShapeError(
      `psnr: pictures of ${a.length} and ${b.length} samples; they must have the same size`,
    );
  }
  let sum = 0;
  for (let i = 0; i < a.length; i++) {
    const difference = (a[i] as number) - (b[i] as number);
    sum += difference * difference;
  }
  return sum / a.length;
}
