import { ShapeError } from '../../errors';
import { filterValid, gaussianWindow } from '../gaussian-window';
import { luma } from './luma';

const SIZE = 11;
const WINDOW = gaussianWindow(SIZE, 1.5);
const C1 = (0.01 * 255) ** 2;
const C2 = (0.03 * 255) ** 2;

/**
 * Structural similarity of two 8-bit RGB pictures on their integer luma: the mean over all positions where an 11 x 11
 * Gaussian window (sigma 1.5) lies fully inside (Z. Wang et al., IEEE TIP 13(4), 600-612, 2004; without the authors'
 * optional downsampling).
 *
 * @throws ShapeError when the sizes differ or a side is under 11 pixels.
 */
export function ssim(a: Uint8Array, b: Uint8Array, width: number, height: number): number {
  if (a.length !== 3 * width * height || b.length !== a.length) {
    throw new ShapeError(
      `ssim: ${a.length} and ${b.length} samples, expected 3 x ${width} x ${height} in both`,
    );
  }
  if (Math.min(width, height) < SIZE) {
    throw new ShapeError(`ssim: a picture of ${width} x ${height} is smaller than the window, 11 x 11`);
  }
  const x = Float64Array.from(luma(a));
  const y = Float64Array.from(luma(b));
  const windowed = (values: (i: number) => number) =>
    filterValid({ width, height, data: x.map((_, i) => values(i)) }, WINDOW).data;
  const meanX = windowed((i) => x[i] as number);
  const meanY = windowed((i) => y[i] as number);
  const squareX = windowed((i) => (x[i] as number) ** 2);
  const squareY = windowed((i) => (y[i] as number) ** 2);
  const product = windowed((i) => (x[i] as number) * (y[i] as number));

  let sum = 0;
  for (let i = 0; i < meanX.length; i++) {
    const mx = meanX[i] as number;
    const my = meanY[i] as number;
    const variances = (squareX[i] as number) - mx * mx + (squareY[i] as number) - my * my;
    const covariance = (product[i] as number) - mx * my;
    sum += ((2 * mx * my + C1) * (2 * covariance + C2)) / ((mx * mx + my * my + C1) * (variances + C2));
  }
  return sum / meanX.length;
}
