/**
 * Colours that a file names without a profile: chunks of PNG, code points of PNG and AVIF.
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
  /** Whether the numbers are RGB over their whole range, once decoded. */
  readonly isFullRangeRgb: boolean;
}

export interface SignalledColour {
  readonly codes?: ColourCodes;
  readonly isSrgb?: boolean;
  /** Exponent from light to numbers, as PNG counts it: 1/2.2 for most. */
  readonly gamma?: number;
  readonly chromaticities?: Chromaticities;
}

/** Light beyond the white of paper, which no picture of ours can hold. */
export type HdrTransfer = 'PQ' | 'HLG';

/** What a file's numbers mean. */
export interface Colour {
  /** Absent: sRGB. For HDR the numbers are to be converted to sRGB's curve first. */
  readonly profile?: Uint8Array;
  /** The same for a picture of grey alone. */
  readonly greyProfile?: Uint8Array;
  readonly hdr?: HdrTransfer;
  /** What is not known, in words for the user. */
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

/** How displays show video (BT.1886), and so browsers: not the inverse of the camera's curve. */
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
 * What a picture's numbers mean, by the precedence of PNG: code points, a profile, sRGB, gamma and chromaticities.
 * Undefined where the file's own profile counts.
 */
export function colourOf(signalled: SignalledColour, hasProfile: boolean): Colour | undefined {
  const { codes, isSrgb, gamma, chromaticities } = signalled;
  const known = codes && colourOfCodes(codes);
  if (known) return known;
  if (hasProfile) return undefined;
  const notes: string[] = [];
  // Primaries count with a gamma only, in browsers as in the decoders of most programs.
  const isPlain = isSrgb || gamma === undefined;
  if (codes)
    notes.push(`${unknownCodes(codes)}; ${isPlain ? 'they are taken for sRGB' : 'its gamma is used'}`);
  if (isPlain) return { notes };
  const name = 'Gamma and primaries of a PNG file';
  const curve: ParametricCurve = [1 / gamma];
  const greyProfile = makeGreyProfile(curve, name);
  let profile = makeProfile(chromaticities ?? PRIMARIES[1]!, curve, name);
  if (!profile) {
    notes.push('names primaries that span no colours; they are taken for those of sRGB');
    profile = makeProfile(PRIMARIES[1]!, curve, name);
  }
  return { ...(profile && { profile }), greyProfile, notes };
}

const unknownCodes = ({ primaries, transfer, isFullRangeRgb }: ColourCodes): string =>
  isFullRangeRgb
    ? `names its colours by codes that are not known here (${primaries}/${transfer})`
    : 'says that its numbers do not fill their range, which pictures do not do';

/** Undefined for codes that say nothing, or nothing known. */
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

/** Light of white in cd/m². */
const WHITE = 203;
/** The light that becomes the white of standard range; HLG is relative, and shows its full signal at this level. */
const PEAK = 1000;

/** A number of 0 to 1 to light, where 1 is white, for a component of PQ. */
function pqToLight(value: number): number {
  const [m1, m2, c1, c2, c3] = [2610 / 16384, 2523 / 32, 3424 / 4096, 2413 / 128, 2392 / 128];
  const power = value ** (1 / m2);
  return (10_000 / WHITE) * (Math.max(power - c1, 0) / (c2 - c3 * power)) ** (1 / m1);
}

function hlgToScene(value: number): number {
  const [a, b, c] = [0.17883277, 0.28466892, 0.55991073];
  return value <= 0.5 ? value ** 2 / 3 : (Math.exp((value - c) / a) + b) / 12;
}

/** Turns a pixel's three numbers of 0 to 1 into light, where 1 is white. */
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
 * Brings light, where 1 is the white of paper, to standard range in place: half of it up to that white, and above it along
 * a curve that reaches 1 at 1000 cd/m². The largest component decides, so that hues stay. Chrome shows HDR pictures so on
 * displays of standard range.
 */
export function toneMap(rgb: Float64Array): void {
  const most = Math.max(rgb[0]!, rgb[1]!, rgb[2]!);
  const gain = most <= 1 ? 0.5 : shoulder(most) / most;
  for (let c = 0; c < 3; c++) rgb[c] = rgb[c]! * gain;
}

/** SMPTE ST 2094-50, its default: a quadratic Bézier curve from (1, 1/2) to (peak, 1). */
function shoulder(light: number): number {
  const [x, y] = [1.65, 0.825];
  const peak = PEAK / WHITE;
  if (light >= peak) return 1;
  const [a, b] = [1 - 2 * x + peak, x - 1];
  const u = (Math.sqrt(b * b + a * (light - 1)) - b) / a;
  return 0.5 * (1 - u) ** 2 + 2 * y * u * (1 - u) + u * u;
}
