import sharp from 'sharp';
import { describe, expect, it } from 'vitest';
import { InputError } from '../../../src/errors';
import { decodePhoto, encodePhoto } from '../../../src/photo/node/photo';
import { decodeRgb } from '../../../src/photo/node/rgb';
import { ADOBE_RGB, iccProfile } from '../icc';
import { type TiffDescription, tiffFile } from '../tiff-file';

const [WIDTH, HEIGHT] = [6, 5];
const COUNT = WIDTH * HEIGHT;
const size = { width: WIDTH, height: HEIGHT };
/** A ramp of RGB from dark to bright, 0 to 255. */
const ramp = Array.from({ length: 3 * COUNT }, (_, i) => (i * 255) / (3 * COUNT - 1));
const rounded = ramp.map(Math.round);
const profile = iccProfile(ADOBE_RGB);
const withProfile = { 34675: { type: 7, values: profile } } as const;

const decode = (description: Partial<TiffDescription>) =>
  decodePhoto(tiffFile({ ...size, samples: 3, bits: 8, data: rounded, ...description }), 'a.tif');

describe('TIFF in either byte order', () => {
  it.each([
    [false, false],
    [true, false],
    [false, true],
    [true, true],
  ])(
    'keeps the numbers, the caller’s bytes and what it says: little-endian %s, BigTIFF %s',
    async (little, big) => {
      const artist = { 315: { type: 2, values: Buffer.from('Ann Photographer\0') } } as const;
      const file = tiffFile({
        ...size,
        samples: 3,
        bits: 16,
        little,
        big,
        data: rounded.map((v) => 257 * v),
        extra: artist,
      });
      const before = new Uint8Array(file);
      const photo = await decodePhoto(file, 'a.tif');
      expect(new Uint8Array(file)).toEqual(before);
      expect(Array.from(photo.image.data)).toEqual(rounded.map((v) => 257 * v));
      expect(Buffer.from(photo.exif!).includes('Ann Photographer')).toBe(true);
      const { exif } = await sharp((await encodePhoto(photo, 'jpeg')).bytes).metadata();
      expect(exif?.includes('Ann Photographer')).toBe(true);
    },
  );
});

describe('floating-point TIFF', () => {
  const floats = ramp.map((value) => value / 255);

  it.each([true, false])(
    'with a profile becomes 16 bits of the same numbers, little-endian %s',
    async (little) => {
      const { image, notes } = await decode({
        bits: 32,
        format: 3,
        data: floats,
        extra: withProfile,
        little,
      });
      expect(image.profile).toEqual(new Uint8Array(profile));
      image.data.forEach((value, i) => {
        expect(Math.abs(value - 65535 * floats[i]!)).toBeLessThan(1);
      });
      expect(notes).toEqual(['has 32-bit floating-point channels; reduced to 16 bits']);
    },
  );

  it('says how many values are clipped', async () => {
    const bright = floats.map((value, i) => (i < 4 ? 2 : i === 5 ? -1 : value));
    const { image, notes } = await decode({ bits: 32, format: 3, data: bright, extra: withProfile });
    expect([image.data[0], image.data[5]]).toEqual([65535, 0]);
    expect(notes[1]).toMatch(/^5 values/);
  });
});

describe('TIFF that would come out wrong', () => {
  const floats = ramp.map((value) => value / 255);
  it.each([
    [
      'floats without a profile',
      { bits: 32, format: 3, data: floats },
      /floating-point numbers without a colour profile/,
    ],
    ['half floats', { bits: 16, format: 3, data: [] }, /floating-point numbers of 16 bits/],
    ['32-bit integers', { bits: 32, data: rounded }, /32 bits a channel/],
    ['signed numbers', { bits: 16, format: 2, data: rounded }, /signed numbers/],
    ['signed bytes', { bits: 8, format: 2, data: rounded }, /signed numbers/],
    ['complex numbers', { bits: 32, format: 6, data: rounded }, /complex/],
    ['YCbCr without JPEG', { photometric: 6, data: rounded }, /YCbCr/],
    ['logarithmic light', { bits: 16, photometric: 32845, data: rounded }, /LogLuv/],
    ['sensor data', { samples: 1, photometric: 32803, data: rounded.slice(0, COUNT) }, /camera raw file/],
    ['a DNG', { extra: { 50706: { type: 1, values: [1, 4, 0, 0] } } }, /camera raw file/],
    [
      'a small picture of a raw file',
      { extra: { 254: { type: 4, values: [1] }, 330: { type: 4, values: [8] } } },
      /raw file/,
    ],
  ] as const)('is refused in one sentence: %s', async (_, description, message) => {
    const error: unknown = await decode(description as Partial<TiffDescription>).catch(
      (cause: unknown) => cause,
    );
    expect(error).toBeInstanceOf(InputError);
    expect((error as InputError).message).toMatch(message);
    expect((error as InputError).message).toMatch(/^a\.tif is /);
    expect((error as InputError).message).not.toContain('\n');
  });
});

describe('Lab TIFF', () => {
  // Lab relative to D50 and sRGB, from Lindbloom's calculator: grey, red, green, blue.
  const colours = [
    [53.59, 0, 0, 128, 128, 128],
    [54.29, 80.81, 69.89, 255, 0, 0],
    [87.82, -79.29, 80.99, 0, 255, 0],
    [29.57, 68.3, -112.03, 0, 0, 255],
  ] as const;
  const data = (encode: (l: number, a: number, b: number) => number[]) =>
    Array.from({ length: COUNT }, (_, i) =>
      encode(...(colours[i % 4]!.slice(0, 3) as [number, number, number])),
    ).flat();

  // A step of a or b moves a dark channel by more than its own step.
  it.each([
    ['CIELab, 8 bits', 8, 8, data((l, a, b) => [l * 2.55, a, b].map(Math.round)), 12],
    ['CIELab, 16 bits', 8, 16, data((l, a, b) => [l * 655.35, a * 256, b * 256].map(Math.round)), 1],
    ['ICCLab, 8 bits', 9, 8, data((l, a, b) => [l * 2.55, a + 128, b + 128].map(Math.round)), 12],
  ] as const)('%s becomes sRGB', async (_, photometric, bits, lab, tolerance) => {
    const { image, notes } = await decode({ photometric, bits, data: lab });
    expect(notes).toEqual(['is LAB; converted to sRGB']);
    const scale = bits === 8 ? 1 : 257;
    colours.forEach((colour, k) => {
      for (let c = 0; c < 3; c++)
        expect(Math.abs(image.data[3 * k + c]! / scale - colour[3 + c]!), `${k} ${c}`).toBeLessThanOrEqual(
          tolerance,
        );
    });
  });
});

describe('TIFF with channels beyond colour and transparency', () => {
  const interleave = (...more: number[]) =>
    Array.from({ length: COUNT }, (_, i) => [...rounded.slice(3 * i, 3 * i + 3), ...more]).flat();

  it('keeps colours and alpha, wherever alpha is, and says so', async () => {
    const alphaFirst = { 338: { type: 3, values: [2, 0] } } as const;
    const alphaLast = { 338: { type: 3, values: [0, 2] } } as const;
    for (const [extra, samples] of [
      [alphaFirst, interleave(200, 7)],
      [alphaLast, interleave(7, 200)],
    ] as const) {
      const { image, notes } = await decode({ samples: 5, data: samples, extra });
      expect(image.channels).toBe(4);
      expect(Array.from(image.data)).toEqual(interleave(200));
      expect(notes).toEqual(['has 5 channels; 1 beyond colour and transparency are left out']);
    }
  });

  it('keeps grey of three samples', async () => {
    const data = Array.from({ length: COUNT }, (_, i) => [8 * i, 99, 50]).flat();
    const extra = { 338: { type: 3, values: [0, 0] } } as const;
    const { image } = await decode({ samples: 3, photometric: 1, data, extra });
    expect([image.channels, ...image.data.slice(0, 3)]).toEqual([1, 0, 8, 16]);
  });
});

it('training and evaluation read and refuse the same', async () => {
  const file = (description: Partial<TiffDescription>) =>
    tiffFile({ ...size, samples: 3, bits: 8, data: rounded, ...description });
  const { data } = await decodeRgb(file({ little: false }), 'a.tif');
  expect(Array.from(data)).toEqual(rounded);
  await expect(decodeRgb(file({ bits: 32, data: rounded }), 'a.tif')).rejects.toThrow(/32 bits a channel/);
});
