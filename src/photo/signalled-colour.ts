/**
 * Colours that a file specifies without a profile: PNG chunks, code points of PNG and AVIF.
 *
 * Sources: PNG, third edition, 11.3.2 and 12.1; ITU-T H.273 tables 2 and 3; ITU-R BT.2100 (PQ and HLG); BT.2408 for
 * the level of white; SMPTE ST 2094-50 for what is above it.
 */
import {
  type Chromaticities,
  makeGreyProfile,
  makeProfile,
  type ParametricCurve,
  SRGB_CURVE,
} from './make-profile';

/** Code points of H.273. */
export interface ColourCodes {
  readonly primaries: number;
  readonly transfer: number;
  /** Whether decoded numbers are full-range RGB. */
  readonly isFullRangeRgb: boolean;
}

export interface SignalledColour {
  readonly codes?: ColourCodes;
  readonly isSrgb?: boolean;
  /** Exponent from light to numbers, as stored in PNG: 1/2.2 for most. */
  readonly gamma?: number;
  readonly chromaticities?: Chromaticities;
}

/** HDR transfer functions, whose light exceeds the white of standard-range pictures. */
export type HdrTransfer = 'PQ' | 'HLG';

/** The meaning of a file's numbers. */
export interface Colour {
  /** Absent: sRGB. HDR numbers must first be converted to the sRGB curve. */
  readonly profile?: Uint8Array;
  /** The same for grey pictures. */
  readonly greyProfile?: Uint8Array;
  readonly hdr?: HdrTransfer;
  /** Unknown values, as text for the user. */
  readonly notes: readonly string[];
}

const D65 = [0.3127, 0.329] as const;

const PRIMARIES: Readonly<Record<number, Chromaticities>> = {
  1: { white: D65, red: [0.64, 0.33], green: [0.3, 0.6], blue: [0.15, 0.06] },
  5: { white: D65, red: [0.64, 0.33], green: [0.29, 0.6], blue: [0.15, 0.06] },
  6: { white: D65, red: [0.63, 0.34], green: [0.31, 0.595], blue: [0.155, 0.07] },
  7: { white: D65, red: [0.63, 0.34], green: [0.31, 0.595], blue: [0.155, 0.07] },
  9: { white: D65, red: [0.708, 0.292], green: [0.17, 0.797], blue: [0.131, 0.046] },
  11: { white: [0.314, 0.351], red: [0.68, 0.32], green: [0.265, 0.69], blue: [0.15, 0.06] },
  12: { white: D65, red: [0.68, 0.32], green: [0.265, 0.69], blue: [0.15, 0.06] },
};

const NAMES: Readonly<Record<number, string>> = { 1: 'sRGB', 9: 'Rec. 2020', 11: 'DCI-P3', 12: 'Display P3' };

/** The curve of video displays (BT.1886), also used by browsers; it is not the inverse of the camera's curve. */
const VIDEO_CURVE: ParametricCurve = [2.4];

/** SMPTE 240M. */
const EARLY_HD_CURVE: ParametricCurve = [1 / 0.45, 1 / 1.1115, 0.1115 / 1.1115, 1 / 4, 0.0913];

const TRANSFERS: Readonly<Record<number, ParametricCurve | HdrTransfer>> = {
  1: VIDEO_CURVE,
  4: [2.2],
  5: [2.8],
  6: VIDEO_CURVE,
  7: EARLY_HD_CURVE,
  8: [1],
  13: SRGB_CURVE,
  14: VIDEO_CURVE,
  15: VIDEO_CURVE,
  16: 'PQ',
  18: 'HLG',
};

/** Not specified. */
const UNSPECIFIED = 2;

/**
 * The meaning of a picture's numbers, by PNG's order of precedence: code points, profile, sRGB, gamma and
 * chromaticities. Undefined if the file's own profile applies.
 */
export function colourOf(signalled: SignalledColour, hasProfile: boolean): Colour | undefined {
  const { codes, isSrgb, gamma, chromaticities } = signalled;
  const known = codes && colourOfCodes(codes);
  if (known) return known;
  if (hasProfile) return undefined;
  const notes: string[] = [];
  // Primaries only apply together with a gamma, in browsers and in most decoders.
  const isPlain = isSrgb || gamma === undefined;
  if (codes) notes.push(`${unknownCodes(codes)}; ${isPlain ? 'sRGB is assumed' : 'its gamma is used'}`);
  if (isPlain) return { notes };
  const name = 'Gamma and primaries of a PNG file';
  const curve: ParametricCurve = [1 / gamma];
  const greyProfile = makeGreyProfile(curve, name);
  let profile = makeProfile(chromaticities ?? PRIMARIES[1]!, curve, name);
  if (!profile) {
    notes.push('names primaries that span no colours; those of sRGB are used');
    profile = makeProfile(PRIMARIES[1]!, curve, name);
  }
  return { ...(profile && { profile }), greyProfile, notes };
}

const unknownCodes = ({ primaries, transfer, isFullRangeRgb }: ColourCodes): string =>
  isFullRangeRgb
    ? `uses unknown colour codes (${primaries}/${transfer})`
    : 'claims a limited range of numbers, which pictures do not use';

/** Undefined for unspecified or unknown codes. */
function colourOfCodes({ primaries, transfer, isFullRangeRgb }: ColourCodes): Colour | undefined {
  if (!isFullRangeRgb) return undefined;
  if (primaries === UNSPECIFIED && transfer === UNSPECIFIED) return { notes: [] };
  const chromaticities = PRIMARIES[primaries === UNSPECIFIED ? 1 : primaries];
  const curve = TRANSFERS[transfer === UNSPECIFIED ? 13 : transfer];
  if (!chromaticities || !curve) return undefined;
  const isHdr = typeof curve === 'string';
  const isSrgb = (primaries === 1 || primaries === UNSPECIFIED) && (isHdr || curve === SRGB_CURVE);
  const profile = isSrgb
    ? undefined
    : makeProfile(chromaticities, isHdr ? SRGB_CURVE : curve, NAMES[primaries] ?? `Primaries ${primaries}`);
  const greyProfile =
    isHdr || curve === SRGB_CURVE ? undefined : makeGreyProfile(curve, `Transfer function ${transfer}`);
  return {
    ...(profile && { profile }),
    ...(greyProfile && { greyProfile }),
    ...(isHdr && { hdr: curve }),
    notes: [],
  };
}

/** Luminance of white in cd/m². */
const WHITE = 203;
/** The luminance that becomes standard-range white; HLG is relative and has its full signal at this level. */
const PEAK = 1000;

/** PQ component of 0 to 1 to light, where 1 is white. */
function pqToLight(value: number): number {
  const [m1, m2, c1, c2, c3] = [2610 / 16384, 2523 / 32, 3424 / 4096, 2413 / 128, 2392 / 128];
  const power = value ** (1 / m2);
  return (10_000 / WHITE) * (Math.max(power - c1, 0) / (c2 - c3 * power)) ** (1 / m1);
}

function hlgToScene(value: number): number {
  const [a, b, c] = [0.17883277, 0.28466892, 0.55991073];
  return value <= 0.5 ? value ** 2 / 3 : (Math.exp((value - c) / a) + b) / 12;
}

/** Returns a function that converts a pixel's three numbers of 0 to 1 to light, where 1 is white. */
export function hdrToLight(transfer: HdrTransfer): (rgb: Float64Array) => void {
  const toLight = transfer === 'PQ' ? pqToLight : hlgToScene;
  const levels = Float64Array.from({ length: 0x10000 }, (_, i) => toLight(i / 0xffff));
  const look = (rgb: Float64Array) => {
    for (let c = 0; c < 3; c++) rgb[c] = levels[Math.round(0xffff * rgb[c]!)]!;
  };
  if (transfer === 'PQ') return look;
  return (rgb) => {
    look(rgb);
    const luminance = 0.2627 * rgb[0]! + 0.678 * rgb[1]! + 0.0593 * rgb[2]!;
    const gain = (PEAK / WHITE) * luminance ** 0.2;
    for (let c = 0; c < 3; c++) rgb[c] = rgb[c]! * gain;
  };
}

/**
 * Maps HDR light, where 1 is white, to standard range in place: half of it up to white, above that along a curve that
 * reaches 1 at 1000 cd/m². The largest component determines the gain, which preserves hues. Chrome shows HDR pictures
 * the same way on standard-range displays.
 */
export function toneMap(rgb: Float64Array): void {
  const most = Math.max(rgb[0]!, rgb[1]!, rgb[2]!);
  const gain = most <= 1 ? 0.5 : shoulder(most) / most;
  for (let c = 0; c < 3; c++) rgb[c] = rgb[c]! * gain;
}

/** The default curve of SMPTE ST 2094-50: a quadratic Bézier from (1, 1/2) to (peak, 1). */
function shoulder(light: number): number {
  const [x, y] = [1.65, 0.825];
  const peak = PEAK / WHITE;
  if (light >= peak) return 1;
  const [a, b] = [1 - 2 * x + peak, x - 1];
  const u = (Math.sqrt(b * b + a * (light - 1)) - b) / a;
  return 0.5 * (1 - u) ** 2 + 2 * y * u * (1 - u) + u * u;
}
