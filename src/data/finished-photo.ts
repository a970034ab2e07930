import type { Random } from '../random';
import { LINEAR_LEVELS, luminance } from '../srgb';
import type { Range } from './range';

/** Photos that someone has exposed and finished to their liking, both dark and bright. */
export interface FinishedPhotos {
  /** Share of pairs in which such a photo is both input and target. */
  readonly share: number;
  /** Range of the mean relative luminance, log-uniform. */
  readonly luminance: Range;
  /** Share of them that start from a plain photo instead of the fused picture, and its exposure value. */
  readonly plain: { readonly share: number; readonly exposureValue: Range };
}

/** Share of values clipped at each end when stretching a photo to the full range. */
const TAIL = 0.005;
/** Limits of the exponent, beyond which a photo looks wrong. */
const EXPONENTS: Range = [0.4, 2.5];
/** Halvings of the logarithmic range of exponents, for a precision of one thousandth. */
const HALVINGS = 11;

/**
 * A differently finished version of a picture: stretched part of the way to the full range, then raised to the power
 * that gives it the drawn mean luminance, within the limits of the exponent.
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

/** Counts the values of R, G and B at each of the 256 levels. */
function channelHistograms(picture: Uint8Array): readonly Uint32Array[] {
  const counts = [0, 1, 2].map(() => new Uint32Array(256));
  for (const [i, level] of picture.entries()) counts[i % 3]![level]!++;
  return counts;
}

/** The levels, in [0, 1], that cut off the tails; at least one level apart. */
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
