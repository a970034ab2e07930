import { luma } from '../srgb';
import { GaussianPyramid, pyramidSizes, upsampleAdd } from './pyramid';
import { toByte } from './virtual-camera';

/** Exponents of the three quality measures. */
export interface FusionExponents {
  readonly contrast: number;
  readonly saturation: number;
  readonly exposedness: number;
}

/** Keeps the sum of weights above zero where every exposure's weight is zero. */
const WEIGHT_FLOOR = 1e-12;
/** Well-exposedness: distance from mid grey in units of 0.2. */
const EXPOSEDNESS = Float64Array.from({ length: 256 }, (_, i) => Math.exp(-((i / 255 - 0.5) ** 2) / 0.08));

/**
 * Exposure fusion: T. Mertens, J. Kautz, F. Van Reeth, "Exposure fusion", Pacific Graphics 2007, following the
 * author's program (pyramid depth, borders), with the exponents of the weights as arguments.
 *
 * @param exposures 8-bit photos of one scene, RGB interleaved, width * height * 3 each.
 * @returns the fused picture, RGB interleaved; values can leave 0..1 (see `fuseToBytes`).
 */
export function fuseExposures(
  exposures: readonly Uint8Array[],
  width: number,
  height: number,
  exponents: FusionExponents,
): Float64Array {
  const sizes = pyramidSizes(width, height);
  const weights = new GaussianPyramid(sizes);
  const image = new GaussianPyramid(sizes);
  const channels = [0, 1, 2].map(() => sizes.map((size) => new Float64Array(size.width * size.height)));

  const maps = fusionWeights(exposures, width, height, exponents);
  exposures.forEach((exposure, k) => {
    weights.build(maps[k] as Float64Array);
    channels.forEach((fused, channel) => {
      image.buildChannel(exposure, channel);
      addWeightedLaplacian(fused, image, weights);
    });
  });

  const result = new Float64Array(3 * width * height);
  channels.forEach((fused, channel) => {
    for (let level = sizes.length - 2; level >= 0; level--) {
      upsampleAdd(fused[level + 1]!, sizes[level + 1]!, fused[level]!, sizes[level]!, 1);
    }
    const plane = fused[0]!;
    for (let i = 0; i < plane.length; i++) result[3 * i + channel] = plane[i] as number;
  });
  return result;
}

/** `fuseExposures`, clipped to 0..1 and rounded to 8 bits. */
export function fuseToBytes(
  exposures: readonly Uint8Array[],
  width: number,
  height: number,
  exponents: FusionExponents,
): Uint8Array {
  return Uint8Array.from(fuseExposures(exposures, width, height, exponents), toByte);
}

/**
 * Contrast^a * saturation^b * well-exposedness^c of each exposure, normalised to sum to 1 for each pixel. Where all
 * measures are zero (grey pixels have no saturation) the exposures have equal weight.
 */
export function fusionWeights(
  exposures: readonly Uint8Array[],
  width: number,
  height: number,
  exponents: FusionExponents,
): Float64Array[] {
  const grey = new Float64Array(width * height);
  const maps = exposures.map((exposure) => {
    const weights = new Float64Array(width * height);
    toGrey(exposure, grey);
    multiplyContrast(weights.fill(1), grey, width, height, exponents.contrast);
    multiplyColourMeasures(weights, exposure, exponents);
    return weights;
  });
  for (let i = 0; i < grey.length; i++) {
    let sum = 0;
    for (const weights of maps) sum += weights[i] as number;
    for (const weights of maps) weights[i] = (weights[i] as number) / sum;
  }
  return maps;
}

/** Luma, 0..1. */
function toGrey(photo: Uint8Array, grey: Float64Array): void {
  for (let i = 0, j = 0; i < grey.length; i++, j += 3) {
    grey[i] = luma(photo[j]!, photo[j + 1]!, photo[j + 2]!) / 255;
  }
}

/** Absolute 4-neighbour Laplacian of the grey picture, with replicated edges. */
function multiplyContrast(
  weights: Float64Array,
  grey: Float64Array,
  width: number,
  height: number,
  exponent: number,
): void {
  if (exponent === 0) return;
  for (let y = 0; y < height; y++) {
    const row = y * width;
    const above = y > 0 ? row - width : row;
    const below = y < height - 1 ? row + width : row;
    for (let x = 0; x < width; x++) {
      const left = grey[row + (x > 0 ? x - 1 : 0)] as number;
      const right = grey[row + (x < width - 1 ? x + 1 : x)] as number;
      const vertical = (grey[above + x] as number) + (grey[below + x] as number);
      const contrast = Math.abs(left + right + vertical - 4 * (grey[row + x] as number));
      weights[row + x] = (weights[row + x] as number) * raise(contrast, exponent);
    }
  }
}

/** Saturation (population deviation of R, G, B) and well-exposedness, then the floor. */
function multiplyColourMeasures(weights: Float64Array, photo: Uint8Array, exponents: FusionExponents): void {
  const { saturation, exposedness } = exponents;
  for (let i = 0, j = 0; i < weights.length; i++, j += 3) {
    const r = photo[j] as number;
    const g = photo[j + 1] as number;
    const b = photo[j + 2] as number;
    let weight = weights[i] as number;
    if (saturation !== 0) {
      const mean = (r + g + b) / 3;
      const variance = ((r - mean) ** 2 + (g - mean) ** 2 + (b - mean) ** 2) / 3;
      // Equal bytes have no saturation, however their mean is rounded.
      weight *= r === g && g === b ? 0 : raise(Math.sqrt(variance) / 255, saturation);
    }
    if (exposedness !== 0) {
      const exposed = (EXPOSEDNESS[r] as number) * (EXPOSEDNESS[g] as number) * (EXPOSEDNESS[b] as number);
      weight *= raise(exposed, exposedness);
    }
    weights[i] = weight + WEIGHT_FLOOR;
  }
}

function raise(value: number, exponent: number): number {
  return exponent === 1 ? value : value ** exponent;
}

/** fused[level] += Gaussian(weights)[level] * Laplacian(image)[level]; destroys the image's pyramid. */
function addWeightedLaplacian(fused: Float64Array[], image: GaussianPyramid, weights: GaussianPyramid): void {
  const { sizes } = image;
  for (let level = 0; level < sizes.length; level++) {
    const laplacian = image.levels[level]!;
    if (level + 1 < sizes.length) {
      upsampleAdd(image.levels[level + 1]!, sizes[level + 1]!, laplacian, sizes[level]!, -1);
    }
    const weight = weights.levels[level]!;
    const sum = fused[level]!;
    for (let i = 0; i < sum.length; i++) {
      sum[i] = (sum[i] as number) + (weight[i] as number) * (laplacian[i] as number);
    }
  }
}
