import { luma } from '../srgb';

/** How to finish a picture: black and white points, brightness, colour. Levels are 0..255. */
export interface Finish {
  /** The shares of pixels that may fall below the black point and above the white point. */
  readonly tails: number;
  /** The levels that the two points are mapped to. */
  readonly points: readonly [black: number, white: number];
  /** The least distance assumed between the points, so that noise on a plain wall is not stretched into a picture. */
  readonly leastRange: number;
  /** The mean luma to reach, and how much of the distance to it remains for darker and for brighter pictures. */
  readonly mean: { readonly level: number; readonly dark: number; readonly bright: number };
  /** How much of the luma gain applies to chroma: 0 keeps chroma, 1 keeps its ratio to luma. */
  readonly chroma: number;
}

/** A mapping of each pixel's luma; all values in units of 0..1. */
export interface ToneCurve {
  /** Y becomes Y + share (((Y - black) / (white - black))^exponent - Y), with the ratio clamped to 0..1. */
  readonly black: number;
  readonly white: number;
  readonly exponent: number;
  readonly share: number;
  /** As in `Finish`. */
  readonly chroma: number;
}

/** Beyond these a picture would look wrong. */
const EXPONENTS = [0.4, 2.5] as const;
/** Halvings of the logarithmic range of exponents, for a precision of one millionth. */
const HALVINGS = 20;
/** The most that colours are strengthened. */
const MOST_CHROMA_GAIN = 2;
/** Below one 8-bit level, ratios of luma are meaningless. */
const DARKEST = 1 / 255;

/**
 * Finishes a fused picture, which is hazy and too bright, as a person would: black and white points, then brightness
 * (`finishCurve`, `applyToneCurve`).
 *
 * @param picture 8-bit sRGB, interleaved.
 * @returns a new picture of the same length, rounded and clipped to 8 bits.
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
 * Maps a pixel's luma Y to the curve's Y'. Colour follows with part of the gain: C' = Y' + (1 + chroma (Y' / Y - 1))
 * (C - Y) for each channel C. Applying the curve to each channel would raise saturation along with contrast, which
 * looks garish.
 *
 * @param rgb encoded, 0..1; overwritten, and may leave 0..1.
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
 * The curve for a picture, from the histogram of its luma alone. The levels that cut off the tails are mapped to the
 * two points, unless they already lie further out. The exponent then makes the mean level the desired one, as closely
 * as its limits allow.
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

/** Counts the pixels at each of the 256 rounded luma levels. */
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

/** Widens a range of levels around its centre, within 0..255. */
function spread([low, high]: [number, number], least: number): [number, number] {
  const missing = Math.max(0, least - (high - low)) / 2;
  const shift = Math.max(0, missing - low) - Math.max(0, high + missing - 255);
  return [low - missing + shift, high + missing + shift];
}

const clamp = (value: number): number => Math.min(Math.max(value, 0), 1);
