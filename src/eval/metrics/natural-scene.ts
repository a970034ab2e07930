import { type Border, filterSame, gaussianWindow } from '../gaussian-window';
import { createPlane, type Plane } from '../image';

const WINDOW = gaussianWindow(7, 7 / 6);

/** Below this, a deviation from the local mean is rounding noise of a flat area (levels, 0..255). */
const FLAT = 1e-9;

/** Mean-subtracted contrast-normalised coefficients, and the local deviations they were divided by. */
interface Normalised {
  readonly coefficients: Plane;
  readonly deviations: Plane;
}

/**
 * (I - mu) / (sigma + 1) with the local mean and deviation of a 7 x 7 Gaussian window, for I in 0..255 (A. Mittal et
 * al., IEEE TIP 21(12), 2012). In flat areas the numerator is exactly zero; otherwise the fits would count rounding
 * noise of either sign.
 */
export function normaliseContrast(plane: Plane, border: Border): Normalised {
  const { width, height, data } = plane;
  const mean = filterSame(plane, WINDOW, border).data;
  const square = filterSame({ width, height, data: data.map((value) => value * value) }, WINDOW, border).data;
  const coefficients = createPlane(width, height);
  const deviations = createPlane(width, height);
  for (let i = 0; i < data.length; i++) {
    const mu = mean[i] as number;
    const difference = (data[i] as number) - mu;
    const deviation = Math.sqrt(Math.abs((square[i] as number) - mu * mu));
    deviations.data[i] = deviation;
    coefficients.data[i] = Math.abs(difference) < FLAT ? 0 : difference / (deviation + 1);
  }
  return { coefficients, deviations };
}

/** Products of each value with the one `dy` rows and `dx` columns before it, wrapping around. */
export function shiftedProducts({ width, height, data }: Plane, dy: number, dx: number): Float64Array {
  const products = new Float64Array(data.length);
  for (let y = 0; y < height; y++) {
    const from = ((y - dy + height) % height) * width;
    for (let x = 0; x < width; x++) {
      const other = data[from + ((x - dx + width) % width)] as number;
      products[y * width + x] = (data[y * width + x] as number) * other;
    }
  }
  return products;
}
