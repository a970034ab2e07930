/**
 * Colours that a file names without a profile: chunks of PNG, code points of PNG and AVIF.
 *
 * Sources: PNG, third edition, 11.3.2 and 12.1; ITU-T H.273 tables 2 and 3; ITU-R BT.2100 (PQ and HLG); BT.2408 for
 * the level of white.
 */
import { type Chromaticities, makeProfile, type ParametricCurve, SRGB_CURVE } from './make-profile';

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

/** The curve of video, as a power with a line near black, from numbers to light. */
const VIDEO_CURVE: ParametricCurve = [1 / 0.45, 1 / 1.099, 0.099 / 1.099, 1 / 4.5, 0.081];

const TRANSFERS: Readonly<Record<number, ParametricCurve | HdrTransfer>> = {
  1: VIDEO_CURVE,
  4: [2.2],
  5: [2.8],
  6: VIDEO_CURVE,
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
  if (codes) {
    const known = colourOfCodes(codes);
    if (known) return known;
    const note = `names its colours by codes that are not known here (${codes.primaries}/${codes.transfer})`;
    if (!hasProfile) return { notes: [`${note}; they are taken for sRGB`] };
  }
  if (hasProfile) return undefined;
  if (isSrgb || (gamma === undefined && !chromaticities)) return { notes: [] };
  const curve: ParametricCurve = gamma === undefined ? SRGB_CURVE : [1 / gamma];
  const profile = makeProfile(chromaticities ?? PRIMARIES[1]!, curve, 'Gamma and primaries of a PNG file');
  return profile
    ? { profile, notes: [] }
    : { notes: ['names primaries that span no colours; they are taken for those of sRGB'] };
}

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
  return { ...(profile && { profile }), ...(isHdr && { hdr: curve }), notes: [] };
}

/** Light of white in cd/m². */
const WHITE = 203;
/** HLG is relative: its full signal is shown at this level. */
const HLG_PEAK = 1000;

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
  if (transfer === 'PQ') {
    const levels = Float64Array.from({ length: 0x10000 }, (_, i) => pqToLight(i / 0xffff));
    return (rgb) => {
      for (let c = 0; c < 3; c++) rgb[c] = levels[Math.round(0xffff * rgb[c]!)]!;
    };
  }
  const levels = Float64Array.from({ length: 0x10000 }, (_, i) => hlgToScene(i / 0xffff));
  return (rgb) => {
    for (let c = 0; c < 3; c++) rgb[c] = levels[Math.round(0xffff * rgb[c]!)]!;
    const luminance = 0.2627 * rgb[0]! + 0.678 * rgb[1]! + 0.0593 * rgb[2]!;
    const gain = (HLG_PEAK / WHITE) * luminance ** 0.2;
    for (let c = 0; c < 3; c++) rgb[c] = rgb[c]! * gain;
  };
}
