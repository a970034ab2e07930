import sharp from 'sharp';
import { describe, expect, it } from 'vitest';
import { InputError } from '../../src/errors';
import { embedMetadata } from '../../src/photo/embed-metadata';
import { codecOf } from '../../src/photo/pixel-codec';
import { randomRaster } from '../enhance/support';
import { ADOBE_RGB, GREY_GAMMA_18, iccProfile, PROPHOTO, type ProfileDescription } from './icc';

const clamp = (value: number) => Math.min(Math.max(value, 0), 1);

/** A Display P3 profile as libvips ships it. */
async function displayP3(): Promise<Uint8Array> {
  const black = sharp({ create: { width: 1, height: 1, channels: 3, background: '#000' } });
  return (await sharp(await black.withIccProfile('p3').png().toBuffer()).metadata()).icc!;
}

const profiles: Record<string, () => Promise<Uint8Array> | Uint8Array> = {
  'Display P3 of libvips': displayP3,
  'Adobe RGB': () => iccProfile(ADOBE_RGB),
  ProPhoto: () => iccProfile(PROPHOTO),
};

describe('codecOf', () => {
  it.each(Object.keys(profiles))('agrees with lcms on what %s colours are in sRGB', async (name) => {
    const profile = await profiles[name]!();
    const image = randomRaster(40, 40, { profile }, name);
    const bare = await sharp(image.data as Uint8ClampedArray, { raw: { width: 40, height: 40, channels: 3 } })
      .png()
      .toBuffer();
    const { bytes } = await embedMetadata(
      bare,
      'png',
      { profile },
      { width: 40, height: 40, hasAlpha: false },
    );
    const expected = await sharp(bytes).raw().toBuffer();
    const codec = codecOf(image);
    const rgb = new Float64Array(3);
    let worst = 0;
    for (let at = 0; at < expected.length; at += 3) {
      codec.decode(image.data, at, rgb);
      for (let c = 0; c < 3; c++) {
        const seen = 255 * clamp(rgb[c]!);
        worst = Math.max(worst, Math.abs(seen - expected[at + c]!));
      }
    }
    // lcms works with 8 and 16 bits here, and rounds.
    expect(worst).toBeLessThan(2);
  });

  it('gives every number back, inside sRGB and outside, in 8 and 16 bits', async () => {
    const cases: [Partial<ProfileDescription> | undefined, 1 | 3][] = [
      [undefined, 3],
      [undefined, 1],
      [ADOBE_RGB, 3],
      [PROPHOTO, 3],
      [GREY_GAMMA_18, 1],
    ];
    for (const [description, channels] of cases) {
      for (const bits of [8, 16] as const) {
        const profile = description && iccProfile(description as ProfileDescription);
        const image = randomRaster(32, 32, { bits, channels, ...(profile && { profile }) });
        const codec = codecOf(image);
        const again = image.data.slice().fill(0);
        const rgb = new Float64Array(3);
        for (let at = 0; at < again.length; at += channels) {
          codec.decode(image.data, at, rgb);
          codec.encode(rgb, again, at);
        }
        expect(again).toEqual(image.data);
      }
    }
  });

  it('treats Display P3 by name and by profile alike', async () => {
    const { data } = randomRaster(16, 16, {});
    const byName = codecOf({ data, width: 16, height: 16, channels: 3, colorSpace: 'display-p3' });
    const byProfile = codecOf({ data, width: 16, height: 16, channels: 3, profile: await displayP3() });
    const [a, b] = [new Float64Array(3), new Float64Array(3)];
    for (let at = 0; at < data.length; at += 3) {
      byName.decode(data, at, a);
      byProfile.decode(data, at, b);
      // The profile of libvips has a slightly different red primary, for older readers.
      for (let c = 0; c < 3; c++) expect(clamp(a[c]!)).toBeCloseTo(clamp(b[c]!), 1);
    }
    byName.decode(Uint8Array.of(255, 255, 255), 0, a);
    for (const value of a) expect(value).toBeCloseTo(1, 3);
    byName.decode(Uint8Array.of(255, 0, 0), 0, a);
    expect(a[0]).toBeGreaterThan(1.05);
    expect(a[1]).toBeLessThan(-0.1);
  });

  it('treats an sRGB profile as sRGB', async () => {
    const black = sharp({ create: { width: 1, height: 1, channels: 3, background: '#000' } });
    const profile = (await sharp(await black.withIccProfile('srgb').png().toBuffer()).metadata()).icc!;
    const rgb = new Float64Array(3);
    const data = Uint8Array.of(10, 128, 250);
    codecOf({ data, width: 1, height: 1, channels: 3, profile }).decode(data, 0, rgb);
    expect([...rgb]).toEqual([10 / 255, 128 / 255, 250 / 255]);
  });

  it('refuses a profile that does not fit the channels or cannot be used', () => {
    const open = (profile: Uint8Array, channels: 1 | 3) =>
      codecOf({ data: new Uint8Array(3), width: 1, height: 1, channels, profile });
    expect(() => open(iccProfile(ADOBE_RGB), 1)).toThrow(InputError);
    expect(() => open(iccProfile(GREY_GAMMA_18), 3)).toThrow(InputError);
    expect(() => open(new Uint8Array(200), 3)).toThrow(/matrix and curves/);
  });
});
