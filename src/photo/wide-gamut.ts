import { parseProfile } from './icc-profile';

/**
 * CIE XYZ (relative to D50) of the red and the green primary of sRGB, as in IEC 61966-2-1 adapted by Bradford.
 * Blue is nearly the same in all spaces of displays.
 */
const SRGB_RED = [0.436, 0.2225, 0.0139] as const;
const SRGB_GREEN = [0.3851, 0.7169, 0.0971] as const;

/** Distance in chromaticity within which writers of profiles round. */
const TOLERANCE = 0.01;

/** Whether a photo with this ICC profile can hold colours that sRGB cannot. Profiles made of tables: no. */
export function isWiderThanSrgb(bytes: Uint8Array): boolean {
  const profile = parseProfile(bytes);
  if (profile?.kind !== 'rgb') return false;
  const m = profile.toXyz;
  const red = distance([m[0], m[3], m[6]], SRGB_RED);
  const green = distance([m[1], m[4], m[7]], SRGB_GREEN);
  return red > TOLERANCE || green > TOLERANCE;
}

type Xyz = readonly [number, number, number];

/** Between the chromaticities (x, y) of two colours. */
function distance(a: Xyz, b: Xyz): number {
  const [ax, ay] = chromaticity(a);
  const [bx, by] = chromaticity(b);
  return Math.hypot(ax - bx, ay - by);
}

function chromaticity([x, y, z]: Xyz): [number, number] {
  const sum = x + y + z;
  return [x / sum, y / sum];
}
