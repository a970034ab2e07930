import { parseProfile } from './icc-profile';

/**
 * CIE XYZ (relative to D50) of sRGB's red and green primaries, from IEC 61966-2-1 with Bradford adaptation. Blue is
 * nearly the same in all display colour spaces.
 */
const SRGB_RED = [0.436, 0.2225, 0.0139] as const;
const SRGB_GREEN = [0.3851, 0.7169, 0.0971] as const;

/** Rounding differences between profile writers, as a distance in chromaticity. */
const TOLERANCE = 0.01;

/** Whether a photo with this ICC profile can have colours outside sRGB. False for profiles made of tables. */
export function isWiderThanSrgb(bytes: Uint8Array): boolean {
  const profile = parseProfile(bytes);
  if (profile?.kind !== 'rgb') return false;
  const m = profile.toXyz;
  const red = distance([m[0], m[3], m[6]], SRGB_RED);
  const green = distance([m[1], m[4], m[7]], SRGB_GREEN);
  return red > TOLERANCE || green > TOLERANCE;
}

type Xyz = readonly [number, number, number];

/** Distance between the chromaticities (x, y) of two colours. */
function distance(a: Xyz, b: Xyz): number {
  const [ax, ay] = chromaticity(a);
  const [bx, by] = chromaticity(b);
  return Math.hypot(ax - bx, ay - by);
}

function chromaticity([x, y, z]: Xyz): [number, number] {
  const sum = x + y + z;
  return [x / sum, y / sum];
}
