import { luma } from '../srgb';

/** How a picture is finished: black and white points, brightness, colour. Levels are 0..255. */
export interface Finish {
  /** Share of the pixels that may fall below the black point, and of those that may rise above the white point. */
  readonly tails: number;
  /** The levels that the two points go to. */
  readonly points: readonly [black: number, white: number];
  /** The points are taken to be no closer than this, so that noise on a plain wall is not stretched to a picture. */
  readonly leastRange: number;
  /** The mean luma to reach, and the share of its distance that a picture which is darker, or brighter, stays away. */
  readonly mean: { readonly level: number; readonly dark: number; readonly bright: number };
  /** Share of the gain in luma that chroma takes part in; 0 keeps it, 1 keeps the ratio of the two. */
  readonly chroma: number;
}

/** What the luma of each pixel becomes; all in units of 0..1. */
export interface ToneCurve {
  /** Y becomes Y + share (((Y - black) / (white - black))^exponent - Y), the ratio clamped to 0..1. */
  readonly black: number;
  readonly white: number;
  readonly exponent: number;
  readonly share: number;
  /** As in `Finish`. */
  readonly chroma: number;
}

/** Beyond these a picture would look like a mistake. */
const EXPONENTS = [0.4, 2.5] as const;
/** Halvings of the logarithmic range of exponents: to within a millionth. */
const HALVINGS = 20;
/** Colours are strengthened by no more than this. */
const MOST_CHROMA_GAIN = 2;
/** Under one 8-bit level there is no ratio of lumas to speak of. */
const DARKEST = 1 / 255;

/**
 * The last step that a person would take with a fused picture, which is hazy and too bright: black and white points,
 * then brightness (`finishCurve`, `applyToneCurve`).
 *
 * @param picture 8-bit sRGB, interleaved.
 * @returns another picture of the same length, rounded and clipped to 8 bit.
 */
export function finishPicture(picture: Uint8Array, finish: Finish): Uint8Array {
  const curve = finishCurve(lumaHistogram(picture), finish);
  const result = new Uint8Array(picture.length);
  const rgb = new Float64Array(3);
  for (let i = 0; i < picture.length; i += 3) {
    for (let c = 0; c < 3; c++) rgb[c] = picture[i + c]! / 255;
    applyToneCurve(curve, rgb);
    for (let c = 0; c < 3; c++) result[i + c] = Math.floor(255 * clamp(rgb[c]!) + 0.5);
  }
  return result;
}

/**
 * Gives a pixel the luma Y' that the curve makes of its luma Y; colour follows by part of the gain:
 * C' = Y' + (1 + chroma (Y' / Y - 1)) (C - Y) for each channel C. The same curve on all three channels would raise
 * saturation with contrast, which looks garish.
 *
 * @param rgb encoded, 0..1; is overwritten, and may leave 0..1.
 */
export function applyToneCurve(
  { black, white, exponent, share, chroma }: ToneCurve,
  rgb: Float64Array,
): void {
  const [r, g, b] = [rgb[0]!, rgb[1]!, rgb[2]!];
  const before = luma(r, g, b);
  const after = before + share * (clamp((before - black) / (white - black)) ** exponent - before);
  const gain = Math.min(1 + chroma * (after / Math.max(before, DARKEST) - 1), MOST_CHROMA_GAIN);
  rgb[0] = after + gain * (r - before);
  rgb[1] = after + gain * (g - before);
  rgb[2] = after + gain * (b - before);
}

/**
 * The curve for a picture of which only the histogram of its luma is known. The levels below and above which the tails
 * lie go to the two points, unless they are further out already; then the exponent is the one by which the mean level
 * becomes the wanted one, or as near as it may go.
 */
export function finishCurve(
  counts: Uint32Array,
  { tails, points, leastRange, mean, chroma }: Finish,
): ToneCurve {
  const total = counts.reduce((sum, count) => sum + count, 0);
  const [low, high] = spread(ends(counts, tails * total), leastRange);
  const [lowTo, highTo] = [Math.min(points[0], low), Math.max(points[1], high)];
  const slope = (highTo - lowTo) / (high - low);
  const black = (low - lowTo / slope) / 255;
  const white = black + 1 / slope;

  const meanOf = (level: (l: number) => number) =>
    counts.reduce((sum, count, l) => sum + count * level(l), 0) / total;
  const distance = meanOf((l) => l) - mean.level;
  const wanted = mean.level + distance * (distance < 0 ? mean.dark : mean.bright);
  let [least, most]: readonly number[] = EXPONENTS;
  for (let k = 0; k < HALVINGS; k++) {
    const middle = Math.sqrt(least! * most!);
    // A larger exponent is darker.
    if (meanOf((l) => 255 * clamp((l / 255 - black) / (white - black)) ** middle) > wanted) least = middle;
    else most = middle;
  }
  return { black, white, exponent: Math.sqrt(least! * most!), share: 1, chroma };
}

/** How many pixels have each of the 256 levels of luma, rounded. */
export function lumaHistogram(picture: ArrayLike<number>): Uint32Array {
  const counts = new Uint32Array(256);
  for (let i = 0; i < picture.length; i += 3) {
    counts[Math.round(luma(picture[i]!, picture[i + 1]!, picture[i + 2]!))]!++;
  }
  return counts;
}

/** The lowest level with more than `tail` pixels at or below it, and the highest with more at or above it. */
function ends(counts: Uint32Array, tail: number): [number, number] {
  let [low, high] = [0, 255];
  for (let below = counts[low]!; below <= tail && low < 255; below += counts[low]!) low++;
  for (let above = counts[high]!; above <= tail && high > 0; above += counts[high]!) high--;
  return [low, high];
}

/** Widens a range of levels about its middle, within 0..255. */
function spread([low, high]: [number, number], least: number): [number, number] {
  const missing = Math.max(0, least - (high - low)) / 2;
  const shift = Math.max(0, missing - low) - Math.max(0, high + missing - 255);
  return [low - missing + shift, high + missing + shift];
}

const clamp = (value: number): number => Math.min(Math.max(value, 0), 1);
