import { InputError, ShapeError } from '../../errors';
import { luminance } from '../../srgb';
import { filterValid, gaussianWindow } from '../gaussian-window';
import { checkImage, createPlane, type Plane, type RgbImage } from '../image';
import { normalCdf } from '../special-functions';
import { naturalness } from './naturalness';

/** Linear HDR picture: RGB interleaved, values >= 0 in any unit. */
export interface HdrPicture {
  readonly width: number;
  readonly height: number;
  readonly data: ArrayLike<number>;
}

export interface Tmqi {
  /** The index, 0..1; larger is better. */
  readonly quality: number;
  /** S: how well local structure of the HDR picture is preserved. */
  readonly fidelity: number;
  /** N: how typical of photos brightness and contrast are. */
  readonly naturalness: number;
  /** S at each of the five scales. */
  readonly localFidelity: readonly number[];
}

/** The smallest side at which the fifth scale has room for a window. */
const TMQI_SMALLEST_SIDE = 161;

/** Cycles per degree and weight of each scale. */
const SCALES = [
  { frequency: 16, weight: 0.0448 },
  { frequency: 8, weight: 0.2856 },
  { frequency: 4, weight: 0.3001 },
  { frequency: 2, weight: 0.2363 },
  { frequency: 1, weight: 0.1333 },
] as const;

const WINDOW = gaussianWindow(11, 1.5);
const C1 = 0.01;
const C2 = 10;
/** A variance below this share of the mean square is rounding noise. */
const FLAT = 2e-15;
/** HDR luminance is stretched to this range before the comparison. */
const HDR_RANGE = 2 ** 32 - 1;

/**
 * Tone-mapped image quality index of an 8-bit picture against the linear HDR picture of the same scene (H. Yeganeh,
 * Z. Wang, IEEE TIP 22(2), 657-667, 2013). Both are used as given: no registration, no gamma.
 *
 * @throws ShapeError when their sizes differ.
 * @throws InputError when a side is under 161 pixels, when the HDR picture is flat or has invalid values (NaN,
 * infinite, negative), and when the structures contradict each other, which the index does not cover.
 */
export function tmqi(hdr: HdrPicture, image: RgbImage): Tmqi {
  checkImage('tmqi', image);
  if (hdr.width !== image.width || hdr.height !== image.height || hdr.data.length !== image.data.length) {
    throw new ShapeError(
      `tmqi: an HDR picture of ${hdr.width} x ${hdr.height} and one of ${image.width} x ${image.height}; they must have the same size`,
    );
  }
  if (Math.min(image.width, image.height) < TMQI_SMALLEST_SIDE) {
    throw new InputError(
      `TMQI needs sides of at least ${TMQI_SMALLEST_SIDE} pixels; this picture is ${image.width} x ${image.height}. Use a larger one.`,
    );
  }
  const luminanceOfImage = luminancePlane(image);
  const localFidelity = compareScales(stretched(hdr), luminanceOfImage);
  const fidelity = localFidelity.reduce(
    (product, value, i) => product * value ** (SCALES[i]?.weight ?? 0),
    1,
  );
  const natural = naturalness(luminanceOfImage);
  return {
    quality: 0.8012 * fidelity ** 0.3046 + 0.1988 * natural ** 0.7088,
    fidelity,
    naturalness: natural,
    localFidelity,
  };
}

function luminancePlane({ width, height, data }: HdrPicture): Plane {
  const plane = createPlane(width, height);
  for (let i = 0, j = 0; i < plane.data.length; i++, j += 3) {
    plane.data[i] = luminance(data[j] as number, data[j + 1] as number, data[j + 2] as number);
  }
  return plane;
}

/** HDR luminance from 0 to about 2^32; the factor is a whole number, as in the original. */
function stretched(hdr: HdrPicture): Plane {
  for (let i = 0; i < hdr.data.length; i++) {
    const value = hdr.data[i] as number;
    if (!(value >= 0 && value < Infinity)) {
      throw new InputError(
        `TMQI is undefined: the HDR picture has a value ${value} at pixel ${Math.floor(i / 3)}. Repair the picture: light is finite and not negative.`,
      );
    }
  }
  const plane = luminancePlane(hdr);
  let lowest = Infinity;
  let highest = 0;
  for (const value of plane.data) {
    lowest = Math.min(lowest, value);
    highest = Math.max(highest, value);
  }
  if (highest === lowest) {
    throw new InputError(
      `TMQI is undefined: the HDR picture is flat (luminance ${highest} everywhere), so it has no structure to keep.`,
    );
  }
  const factor = Math.round(HDR_RANGE / (highest - lowest));
  if (factor === 0) {
    throw new InputError(
      `TMQI is undefined for an HDR picture whose luminance spans ${highest - lowest}, over 2^33. Divide it by a constant first.`,
    );
  }
  return { ...plane, data: plane.data.map((value) => factor * (value - lowest)) };
}

function compareScales(hdr: Plane, image: Plane): number[] {
  const result: number[] = [];
  let [a, b] = [hdr, image];
  for (const [index, { frequency }] of SCALES.entries()) {
    if (index > 0) [a, b] = [halve(a), halve(b)];
    const value = localFidelity(a, b, frequency);
    if (!(value >= 0)) {
      throw new InputError(
        `TMQI is undefined: structures of picture and HDR picture contradict each other (${value.toFixed(3)} at scale ${index + 1}). ` +
          'Check that both show the same scene.',
      );
    }
    result.push(value);
  }
  return result;
}

/** Threshold and spread of the deviation seen with probability 1/2, at a spatial frequency. */
export function visibility(frequency: number): { threshold: number; spread: number; sensitivity: number } {
  const sensitivity = 260 * (0.0192 + 0.114 * frequency) * Math.exp(-((0.114 * frequency) ** 1.1));
  const threshold = 128 / (1.4 * sensitivity);
  return { threshold, spread: threshold / 3, sensitivity };
}

/** Mean over all windows of (visibility match) * (correlation). */
function localFidelity(a: Plane, b: Plane, frequency: number): number {
  const { threshold, spread } = visibility(frequency);
  const meanA = filterValid(a, WINDOW).data;
  const meanB = filterValid(b, WINDOW).data;
  const squareA = filterValid(product(a, a), WINDOW).data;
  const squareB = filterValid(product(b, b), WINDOW).data;
  const products = filterValid(product(a, b), WINDOW).data;
  let sum = 0;
  for (let i = 0; i < meanA.length; i++) {
    const ma = meanA[i] as number;
    const mb = meanB[i] as number;
    const deviationA = deviation(squareA[i] as number, ma);
    const deviationB = deviation(squareB[i] as number, mb);
    const covariance = (products[i] as number) - ma * mb;
    const seenA = normalCdf((deviationA - threshold) / spread);
    const seenB = normalCdf((deviationB - threshold) / spread);
    const match = (2 * seenA * seenB + C1) / (seenA * seenA + seenB * seenB + C1);
    sum += (match * (covariance + C2)) / (deviationA * deviationB + C2);
  }
  return sum / meanA.length;
}

/**
 * sqrt(E[x^2] - E[x]^2), zero where only rounding noise is left. In a clipped area, such noise would be multiplied by
 * the HDR picture's deviation, which is so large that the window would count as uncorrelated.
 */
function deviation(meanSquare: number, mean: number): number {
  const variance = meanSquare - mean * mean;
  return variance > FLAT * meanSquare ? Math.sqrt(variance) : 0;
}

function product(a: Plane, b: Plane): Plane {
  return { ...a, data: a.data.map((value, i) => value * (b.data[i] as number)) };
}

/** Means of 2 x 2 pixels at every second pixel, repeating the edge: ceil(n / 2) pixels per side. */
function halve({ width, height, data }: Plane): Plane {
  const result = createPlane(Math.ceil(width / 2), Math.ceil(height / 2));
  for (let y = 0; y < result.height; y++) {
    const top = 2 * y * width;
    const bottom = Math.min(2 * y + 1, height - 1) * width;
    for (let x = 0; x < result.width; x++) {
      const left = 2 * x;
      const right = Math.min(left + 1, width - 1);
      result.data[y * result.width + x] =
        ((data[top + left] as number) +
          (data[top + right] as number) +
          (data[bottom + left] as number) +
          (data[bottom + right] as number)) /
        4;
    }
  }
  return result;
}
