import { circularFilter } from '../fourier';
import { channelMaximum, checkImage, type RgbImage } from '../image';
import { rescaleChannels } from './rescale';

/** Weights of the reflectance's and of the illumination's smoothness, and of the split variable. */
const C1 = 0.01;
const C2 = 0.1;
const LAMBDA = 1;
const GAMMA = 2.2;
const ITERATIONS = 30;
/** The iteration ends when both parts change by less than this, relatively. */
const TOLERANCE = 0.001;

/**
 * Weighted variational model for simultaneous reflectance and illumination estimation (X. Fu, D. Zeng, Y. Huang,
 * X.-P. Zhang, X. Ding, CVPR 2016, 2782-2790): splits V = max(R, G, B) into reflectance and illumination and raises
 * the illumination to the power 1/2.2; the channels follow V. Written from the paper; the division in the frequency
 * domain uses the mean of the weights, since the authors' method is not public.
 */
export function srie(image: RgbImage): RgbImage {
  checkImage('srie', image);
  const { width, height } = image;
  const value = channelMaximum(image.data);
  const { reflectance, illumination } = decompose(width, height, value);
  const enhanced = reflectance.map((r, i) => {
    const light = Math.min(Math.exp(illumination[i] as number), 255) / 255;
    return Math.exp(r) * 255 * light ** (1 / GAMMA);
  });
  return { ...image, data: rescaleChannels(image.data, value, enhanced) };
}

/** Logarithms of both parts. */
interface Decomposition {
  /** <= 0. */
  readonly reflectance: Float64Array;
  /** >= the logarithm of V. */
  readonly illumination: Float64Array;
}

/**
 * Alternates between both parts, splitting off the gradient of the reflectance by the alternating direction method of
 * multipliers. The picture is treated as periodic.
 *
 * @param value V of each pixel, 0..255; black counts as 1.
 */
export function decompose(width: number, height: number, value: Uint8Array): Decomposition {
  const size = value.length;
  const s = Float64Array.from(value, (level) => Math.log(Math.max(level, 1)));
  const smooth = smoother(width, height);
  const multipliers: Field = { across: new Float64Array(size), down: new Float64Array(size) };
  let reflectance = new Float64Array(size);
  let illumination = s.slice();
  const rest = new Float64Array(size);
  for (let iteration = 0; iteration < ITERATIONS; iteration++) {
    const split = weightedGradient(reflectance, width);
    shrinkWith(split.across, multipliers.across);
    shrinkWith(split.down, multipliers.down);
    const pull = divergenceOfDifference(split, multipliers, width);
    for (let i = 0; i < size; i++) {
      rest[i] = (s[i] as number) - (illumination[i] as number) + C1 * LAMBDA * (pull[i] as number);
    }
    const nextReflectance = smooth(rest, C1 * LAMBDA * meanExp(reflectance));
    for (let i = 0; i < size; i++) nextReflectance[i] = Math.min(nextReflectance[i] as number, 0);

    const gradient = weightedGradient(nextReflectance, width);
    accumulate(multipliers.across, gradient.across, split.across);
    accumulate(multipliers.down, gradient.down, split.down);

    for (let i = 0; i < size; i++) rest[i] = (s[i] as number) - (nextReflectance[i] as number);
    const nextIllumination = smooth(rest, C2 * meanExp(illumination));
    for (let i = 0; i < size; i++)
      nextIllumination[i] = Math.max(nextIllumination[i] as number, s[i] as number);

    const isSettled =
      iteration > 0 && hasSettled(reflectance, nextReflectance) && hasSettled(illumination, nextIllumination);
    reflectance = nextReflectance;
    illumination = nextIllumination;
    if (isSettled) break;
  }
  return { reflectance, illumination };
}

/** A pair of numbers per pixel: along x and along y. */
interface Field {
  readonly across: Float64Array;
  readonly down: Float64Array;
}

/** e^r times the differences of r to the next pixel, wrapping around. */
function weightedGradient(r: Float64Array, width: number): Field {
  const size = r.length;
  const across = new Float64Array(size);
  const down = new Float64Array(size);
  for (let i = 0; i < size; i++) {
    const value = r[i] as number;
    const weight = Math.exp(value);
    const next = (i + 1) % width === 0 ? i + 1 - width : i + 1;
    const below = i + width < size ? i + width : i + width - size;
    across[i] = weight * ((r[next] as number) - value);
    down[i] = weight * ((r[below] as number) - value);
  }
  return { across, down };
}

/** gradient = shrink(gradient + multipliers), towards zero by 1 / (2 lambda). */
function shrinkWith(gradient: Float64Array, multipliers: Float64Array): void {
  for (let i = 0; i < gradient.length; i++) {
    const value = (gradient[i] as number) + (multipliers[i] as number);
    gradient[i] = Math.sign(value) * Math.max(Math.abs(value) - 1 / (2 * LAMBDA), 0);
  }
}

/** multipliers += gradient - split. */
function accumulate(multipliers: Float64Array, gradient: Float64Array, split: Float64Array): void {
  for (let i = 0; i < multipliers.length; i++) {
    multipliers[i] = (multipliers[i] as number) + (gradient[i] as number) - (split[i] as number);
  }
}

/** The transpose of the gradient, of a - b. */
function divergenceOfDifference(a: Field, b: Field, width: number): Float64Array {
  const size = a.across.length;
  const across = (i: number) => (a.across[i] as number) - (b.across[i] as number);
  const down = (i: number) => (a.down[i] as number) - (b.down[i] as number);
  const result = new Float64Array(size);
  for (let i = 0; i < size; i++) {
    const before = i % width === 0 ? i - 1 + width : i - 1;
    const above = i >= width ? i - width : i - width + size;
    result[i] = across(before) - across(i) + down(above) - down(i);
  }
  return result;
}

/** Solves (1 + strength * grad^T grad) x = values by a division in the frequency domain. */
function smoother(
  width: number,
  height: number,
): (values: Float64Array, strength: number) => Float64Array<ArrayBuffer> {
  const filter = circularFilter(width, height);
  const energy = (k: number, size: number) => 2 - 2 * Math.cos((2 * Math.PI * k) / size);
  const laplacian = new Float64Array(width * height);
  for (let v = 0, i = 0; v < height; v++) {
    for (let u = 0; u < width; u++, i++) laplacian[i] = energy(u, width) + energy(v, height);
  }
  const response = new Float64Array(width * height);
  return (values, strength) => {
    for (let i = 0; i < response.length; i++) response[i] = 1 / (1 + strength * (laplacian[i] as number));
    return filter(values, response);
  };
}

function meanExp(values: Float64Array): number {
  let sum = 0;
  for (const value of values) sum += Math.exp(value);
  return sum / values.length;
}

function hasSettled(before: Float64Array, after: Float64Array): boolean {
  let change = 0;
  let size = 0;
  for (let i = 0; i < before.length; i++) {
    change += ((after[i] as number) - (before[i] as number)) ** 2;
    size += (before[i] as number) ** 2;
  }
  return Math.sqrt(change) <= TOLERANCE * Math.sqrt(size);
}
