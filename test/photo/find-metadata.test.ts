import sharp, { type Sharp } from 'sharp';
import { describe, expect, it } from 'vitest';
import { findMetadata } from '../../src/photo/find-metadata';
import { isWiderThanSrgb } from '../../src/photo/wide-gamut';

const XMP = '<x:xmpmeta xmlns:x="adobe:ns:meta/"><a/></x:xmpmeta>';

const plain = (): Sharp => sharp({ create: { width: 9, height: 7, channels: 3, background: '#123456' } });
const bytesOf = async (image: Sharp) => new Uint8Array(await image.toBuffer());
const latin1 = (bytes: Uint8Array | undefined) => bytes && Buffer.from(bytes).toString('latin1');
const withoutPrefix = (bytes: Uint8Array | undefined) => latin1(bytes)?.replace(/^Exif\0\0/, '');

describe.each(['jpeg', 'png', 'webp'] as const)('findMetadata in %s', (format) => {
  it('finds what another reader finds', async () => {
    const full = plain()
      .withExif({ IFD0: { Copyright: 'A careful photographer' } })
      .withXmp(XMP)
      .withIccProfile('p3');
    const file = await bytesOf(full.toFormat(format));
    const found = await findMetadata(file);
    const { exif, icc, xmp } = await sharp(file).metadata();
    expect(exif && icc && xmp).toBeDefined();
    expect(withoutPrefix(found.exif)).toBe(withoutPrefix(exif));
    expect(latin1(found.profile)).toBe(latin1(icc));
    expect(latin1(found.xmp)).toBe(latin1(xmp));
  });

  it('finds nothing where there is nothing, and survives a truncated file', async () => {
    const file = await bytesOf(plain().toFormat(format));
    // Encoders make up a resolution.
    expect(Object.keys(await findMetadata(file)).filter((key) => key !== 'resolution')).toEqual([]);
    for (let length = 0; length < file.length; length += 3) {
      const found = await findMetadata(file.slice(0, length));
      expect(Object.keys(found).filter((key) => key !== 'resolution')).toEqual([]);
    }
  });
});

describe('isWiderThanSrgb', () => {
  it.each([
    ['p3', true],
    ['srgb', false],
  ] as const)('%s: %s', async (name, isWide) => {
    const { profile } = await findMetadata(await bytesOf(plain().withIccProfile(name).jpeg()));
    expect(isWiderThanSrgb(profile!)).toBe(isWide);
  });

  it('treats bytes that are not a profile as sRGB', () => {
    expect(isWiderThanSrgb(new Uint8Array(200))).toBe(false);
  });
});
