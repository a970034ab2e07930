import { ShapeError } from '../../errors';
import { LINEAR_LEVELS as LINEAR } from '../../srgb';

/** CIE 1976 L*, a*, b*. */
export type Lab = readonly [number, number, number];

const DEGREE = Math.PI / 180;

/**
 * Mean colour difference CIEDE2000 over all pixels of two 8-bit sRGB pictures (D65); 0 for equal ones, about 1 where
 * a difference is just visible; smaller is better.
 *
 * @throws ShapeError when the pictures differ in size or are empty.
 */
export function meanColourDifference(a: Uint8Array, b: Uint8Array): number {
  if (a.length !== b.length || a.length === 0) {
    throw new ShapeError(
      `ciede2000: pictures of ${a.length} and ${b.length} samples; they must have the same size`,
    );
  }
  let sum = 0;
  for (let i = 0; i < a.length; i += 3) sum += colourDifference(labAt(a, i), labAt(b, i));
  return (3 * sum) / a.length;
}

/**
 * CIEDE2000 with all parametric factors 1 (G. Sharma, W. Wu, E. N. Dalal, Color Research and Application 30(1),
 * 21-30, 2005; its equation numbers).
 */
export function colourDifference([l1, a1, b1]: Lab, [l2, a2, b2]: Lab): number {
  const meanChroma = (Math.hypot(a1, b1) + Math.hypot(a2, b2)) / 2;
  const greyShift = 1.5 - 0.5 * saturating(meanChroma); // (4), (5)
  const chroma1 = Math.hypot(greyShift * a1, b1);
  const chroma2 = Math.hypot(greyShift * a2, b2);
  const hue1 = hue(greyShift * a1, b1);
  const hue2 = hue(greyShift * a2, b2);
  const isColoured = chroma1 * chroma2 !== 0;

  const dLightness = l2 - l1;
  const dChroma = chroma2 - chroma1;
  const turn = isColoured ? shortestTurn(hue2 - hue1) : 0; // (10)
  const dHue = 2 * Math.sqrt(chroma1 * chroma2) * Math.sin((turn / 2) * DEGREE);

  const lightness = (l1 + l2) / 2;
  const chroma = (chroma1 + chroma2) / 2;
  const h = isColoured ? meanHue(hue1, hue2) : hue1 + hue2; // (14)
  const t =
    1 - 0.17 * cosine(h - 30) + 0.24 * cosine(2 * h) + 0.32 * cosine(3 * h + 6) - 0.2 * cosine(4 * h - 63); // (15)
  const weightL = 1 + (0.015 * (lightness - 50) ** 2) / Math.sqrt(20 + (lightness - 50) ** 2); // (18)
  const weightC = 1 + 0.045 * chroma;
  const weightH = 1 + 0.015 * chroma * t;
  const rotation = -2 * saturating(chroma) * Math.sin(60 * DEGREE * Math.exp(-(((h - 275) / 25) ** 2))); // (16), (17), (21)

  const l = dLightness / weightL;
  const c = dChroma / weightC;
  const s = dHue / weightH;
  return Math.sqrt(l * l + c * c + s * s + rotation * c * s); // (22)
}

/** sqrt(c^7 / (c^7 + 25^7)). */
function saturating(chroma: number): number {
  const power = chroma ** 7;
  return Math.sqrt(power / (power + 25 ** 7));
}

/** Degrees, 0..360. */
function hue(a: number, b: number): number {
  if (a === 0 && b === 0) return 0;
  const degrees = Math.atan2(b, a) / DEGREE;
  return degrees < 0 ? degrees + 360 : degrees;
}

function shortestTurn(degrees: number): number {
  if (degrees > 180) return degrees - 360;
  return degrees < -180 ? degrees + 360 : degrees;
}

function meanHue(hue1: number, hue2: number): number {
  const sum = hue1 + hue2;
  if (Math.abs(hue1 - hue2) <= 180) return sum / 2;
  return sum < 360 ? (sum + 360) / 2 : (sum - 360) / 2;
}

const cosine = (degrees: number): number => Math.cos(degrees * DEGREE);

/** Lab of the pixel whose samples begin at `i`. */
function labAt(rgb: Uint8Array, i: number): Lab {
  return labOfSrgb(rgb[i] as number, rgb[i + 1] as number, rgb[i + 2] as number);
}

/** Lab under D65 of 8-bit sRGB; the white point is the matrix's, so greys have a = b = 0. */
export function labOfSrgb(red: number, green: number, blue: number): Lab {
  const r = LINEAR[red] as number;
  const g = LINEAR[green] as number;
  const b = LINEAR[blue] as number;
  const x = labCurve((0.4124564 * r + 0.3575761 * g + 0.1804375 * b) / 0.95047);
  const y = labCurve(0.2126729 * r + 0.7151522 * g + 0.072175 * b);
  const z = labCurve((0.0193339 * r + 0.119192 * g + 0.9503041 * b) / 1.08883);
  return [116 * y - 16, 500 * (x - y), 200 * (y - z)];
}

/** f(t) of CIE 1976 L*a*b*. */
export function labCurve(t: number): number {
  return t > 216 / 24389 ? Math.cbrt(t) : (24389 / 27) * (t / 116) + 16 / 116;
}
