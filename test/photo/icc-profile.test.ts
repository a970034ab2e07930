import { describe, expect, it } from 'vitest';
import { type Profile, parseProfile } from '../../src/photo/icc-profile';
import { ADOBE_RGB, type Curve, GREY_GAMMA_18, iccProfile } from './icc';

const grey = (curve: Curve) => parseProfile(iccProfile({ space: 'GRAY', curve }));
const curveOf = (profile: Profile | undefined) => {
  if (profile?.kind !== 'grey') throw new Error('no grey profile');
  return profile.curve;
};

describe('parseProfile', () => {
  it('reads matrix and curves of RGB', () => {
    const profile = parseProfile(iccProfile(ADOBE_RGB));
    if (profile?.kind !== 'rgb') throw new Error('no RGB profile');
    expect(profile.toXyz[0]).toBeCloseTo(0.60974, 4);
    expect(profile.toXyz[3]).toBeCloseTo(0.31111, 4);
    expect(profile.toXyz[5]).toBeCloseTo(0.06322, 4);
    for (const curve of profile.curves) expect(curve(0.5)).toBeCloseTo(0.5 ** (563 / 256), 12);
  });

  it('reads sampled curves: none, one gamma, many', () => {
    expect(curveOf(grey({ table: [] }))(0.3)).toBe(0.3);
    expect(curveOf(parseProfile(iccProfile(GREY_GAMMA_18)))(0.25)).toBeCloseTo(0.25 ** (461 / 256), 12);
    const sampled = curveOf(grey({ table: [0, 0.25, 1] }));
    expect([0, 0.25, 0.5, 0.75, 1].map((x) => sampled(x))).toEqual(
      [0, 0.125, 0.25, 0.625, 1].map((y) => expect.closeTo(y, 4)),
    );
  });

  it('reads the five forms of parametric curves', () => {
    const forms: [readonly number[], (x: number) => number][] = [
      [[2], (x) => x ** 2],
      [[2, 1, -0.25], (x) => (x >= 0.25 ? (x - 0.25) ** 2 : 0)],
      [[2, 0.5, -0.125, 0.25], (x) => (x >= 0.25 ? (0.5 * x - 0.125) ** 2 + 0.25 : 0.25)],
      [[2, 1, 0, 0.5, 0.5], (x) => (x >= 0.5 ? x ** 2 : 0.5 * x)],
      [[2, 1, 0, 0.5, 0.5, 0.125, 0.125], (x) => (x >= 0.5 ? x ** 2 + 0.125 : 0.5 * x + 0.125)],
    ];
    for (const [parametric, exact] of forms) {
      const curve = curveOf(grey({ parametric }));
      for (const x of [0, 0.1, 0.25, 0.4, 0.5, 0.8, 1]) expect(curve(x)).toBeCloseTo(exact(x), 10);
    }
  });

  it('refuses tables, curves without an inverse, and what is not well formed', () => {
    expect(parseProfile(iccProfile({ ...ADOBE_RGB, extraTag: 'A2B0' }))).toBeUndefined();
    expect(grey({ table: [0, 1, 0.5] })).toBeUndefined();
    expect(grey({ table: [0.5, 0.5] })).toBeUndefined();
    const whole = iccProfile(ADOBE_RGB);
    for (const length of [0, 3, 127, 130, 200, 300])
      expect(parseProfile(whole.subarray(0, length))).toBeUndefined();
    const other = Uint8Array.from(whole);
    other.set(Buffer.from('CMYK'), 16);
    expect(parseProfile(other)).toBeUndefined();
    expect(parseProfile(iccProfile({ ...ADOBE_RGB, primaries: [] }))).toBeUndefined();
  });
});
