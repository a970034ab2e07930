import type { Random } from '../random';
import { LINEAR_LEVELS, luminance } from '../srgb';
import type { Range } from './range';

/** Photos that somebody has exposed and finished to their liking, dark ones and bright ones. */
export interface FinishedPhotos {
  /** Share of pairs whose input and target both are such a photo. */
  readonly share: number;
  /** Range of the mean relative luminance, log-uniform. */
  readonly luminance: Range;
  /** Share of them that begin as a plain photo rather than as the fused picture, and its exposure value. */
  readonly plain: { readonly share: number; readonly exposureValue: Range };
}

/** Share of the values clipped at each end when a photo is stretched to the full range. */
const TAIL = 0.005;
/** Limits of the exponent; beyond them a photo looks like a mistake. */
const EXPONENTS: Range = [0.4, 2.5];
/** Halvings of the logarithmic range of exponents: to within a thousandth. */
const HALVINGS = 11;

/**
 * A differently finished version of a picture: stretched part of the way to the full range, then raised to the power
 * that gives it the mean luminance that was drawn, within the limits of the exponent.
 *
 * @param picture 8-bit sRGB, interleaved.
 */
export function finishPhoto(
  picture: Uint8Array,
  random: Random,
  { luminance: [low, high] }: Pick<FinishedPhotos, 'luminance'>,
): Uint8Array {
  const stretch = random.uniform();
  const wanted = low * (high / low) ** random.uniform();
  const counts = channelHistograms(picture);
  const [black, white] = ends(counts);
  const [from, to] = [stretch * black, 1 + stretch * (white - 1)];
  const curveOf = (exponent: number) =>
    Uint8Array.from({ length: 256 }, (_, level) => {
      const value = Math.min(Math.max((level / 255 - from) / (to - from), 0), 1);
      return Math.round(255 * value ** exponent);
    });
  let [least, most] = EXPONENTS;
  for (let k = 0; k < HALVINGS; k++) {
    const middle = Math.sqrt(least * most);
    // A larger exponent is darker.
    if (meanLuminance(counts, curveOf(middle)) > wanted) least = middle;
    else most = middle;
  }
  const curve = curveOf(Math.sqrt(least * most));
  return picture.map((level) => curve[level]!);
}

/** How many values of R, G and B have each of the 256 levels. */
function channelHistograms(picture: Uint8Array): readonly Uint32Array[] {
  const counts = [0, 1, 2].map(() => new Uint32Array(256));
  for (const [i, level] of picture.entries()) counts[i % 3]![level]!++;
  return counts;
}

/** The levels, in [0, 1], below and above which the tails lie; apart by one level at least. */
function ends(counts: readonly Uint32Array[]): [number, number] {
  const all = Uint32Array.from({ length: 256 }, (_, level) =>
    counts.reduce((sum, channel) => sum + channel[level]!, 0),
  );
  const tail = TAIL * all.reduce((sum, count) => sum + count, 0);
  let [low, high] = [0, 255];
  for (let below = all[low]!; below <= tail && low < 254; below += all[low]!) low++;
  for (let above = all[high]!; above <= tail && high > low + 1; above += all[high]!) high--;
  return [low / 255, high / 255];
}

function meanLuminance(counts: readonly Uint32Array[], curve: Uint8Array): number {
  const [r, g, b] = counts.map((channel) => {
    let [sum, count] = [0, 0];
    for (const [level, n] of channel.entries()) {
      sum += n * LINEAR_LEVELS[curve[level]!]!;
      count += n;
    }
    return sum / count;
  }) as [number, number, number];
  return luminance(r, g, b);
}
