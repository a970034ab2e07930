import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import sharp from 'sharp';
import { describe, expect, it } from 'vitest';
import { crc32 } from '../../../src/photo/bytes';
import { makeProfile, SRGB_CURVE } from '../../../src/photo/make-profile';
import { decodePhoto, encodePhoto } from '../../../src/photo/node/photo';
import { codecOf } from '../../../src/photo/pixel-codec';
import { hdrToLight } from '../../../src/photo/signalled-colour';

const chunk = (name: string, payload: Buffer) => {
  const body = Buffer.concat([Buffer.from(name, 'latin1'), payload]);
  const bytes = Buffer.alloc(8 + body.length);
  bytes.writeUInt32BE(payload.length);
  body.copy(bytes, 4);
  bytes.writeUInt32BE(crc32(body), 4 + body.length);
  return bytes;
};
const longs = (...values: number[]) => {
  const bytes = Buffer.alloc(4 * values.length);
  values.forEach((value, i) => {
    bytes.writeUInt32BE(value, 4 * i);
  });
  return bytes;
};

/** A PNG of one colour with chunks before its pixels. */
async function png(rgb: readonly [number, number, number], ...chunks: Buffer[]): Promise<Buffer> {
  const [r, g, b] = rgb;
  const plain = await sharp({ create: { width: 3, height: 2, channels: 3, background: { r, g, b } } })
    .png()
    .toBuffer();
  return Buffer.concat([plain.subarray(0, 33), ...chunks, plain.subarray(33)]);
}

const gamma = (value: number) => chunk('gAMA', longs(Math.round(100_000 * value)));
const cicp = (...codes: number[]) => chunk('cICP', Buffer.from(codes));
const SRGB = chunk('sRGB', Buffer.from([0]));
const P3_PRIMARIES = chunk('cHRM', longs(31270, 32900, 68000, 32000, 26500, 69000, 15000, 6000));

/** As sRGB by our own codec, 0 to 255. */
async function seen(file: Buffer): Promise<number[]> {
  const { image } = await decodePhoto(file, 'a.png');
  const rgb = new Float64Array(3);
  codecOf(image).decode(image.data, 0, rgb);
  return [...rgb].map((value) => Math.round(255 * value));
}

const srgb = (light: number) =>
  255 * (light <= 0.0031308 ? 12.92 * light : 1.055 * light ** (1 / 2.4) - 0.055);

describe('colours that a PNG names in chunks', () => {
  it('by gamma alone: a power, with the primaries of sRGB', async () => {
    for (const value of [1, 1 / 2.2, 1 / 1.8]) {
      const expected = Math.round(srgb((100 / 255) ** (1 / value)));
      for (const got of await seen(await png([100, 100, 100], gamma(value))))
        expect(Math.abs(got - expected)).toBeLessThan(2);
    }
  });

  it('in the order of the standard: code points, profile, sRGB, gamma and primaries', async () => {
    expect(await seen(await png([100, 100, 100], SRGB, gamma(1)))).toEqual([100, 100, 100]);
    expect(await seen(await png([100, 100, 100], cicp(1, 13, 0, 1), gamma(1)))).toEqual([100, 100, 100]);
    const p3 = await sharp(await png([100, 100, 100]))
      .withIccProfile('p3')
      .png()
      .toBuffer();
    const withGamma = Buffer.concat([p3.subarray(0, 33), gamma(1), p3.subarray(33)]);
    expect(await seen(withGamma)).toEqual([100, 100, 100]);
    // Unknown codes defer to the next source; primaries need a gamma, as in Chrome.
    const [linear] = await seen(await png([100, 100, 100], gamma(1)));
    expect(await seen(await png([100, 100, 100], cicp(77, 13, 0, 1), gamma(1)))).toEqual(
      Array(3).fill(linear),
    );
    expect(await seen(await png([230, 20, 30], P3_PRIMARIES))).toEqual([230, 20, 30]);
  });

  it('in chunks with a wrong checksum: ignored, as in decoders', async () => {
    const broken = Buffer.from(gamma(1));
    broken[broken.length - 1]! ^= 1;
    expect(await seen(await png([100, 100, 100], broken))).toEqual([100, 100, 100]);
  });

  it('in pictures of grey: by gamma, by code points, in 16 bits, with alpha', async () => {
    const raw = (channels: 1 | 2) => ({ width: 2, height: 1, channels });
    const grey = sharp(Buffer.of(100, 100), { raw: raw(1) }).toColourspace('b-w');
    const alpha = sharp(Buffer.of(100, 255, 100, 128), { raw: raw(2) }).toColourspace('b-w');
    const deep = sharp(Uint16Array.of(25700, 25700), { raw: raw(1) }).toColourspace('grey16');
    for (const picture of [grey, alpha, deep]) {
      const plain = await picture.png().toBuffer();
      for (const chunk of [gamma(1), cicp(1, 8, 0, 1)]) {
        const file = Buffer.concat([plain.subarray(0, 33), chunk, plain.subarray(33)]);
        for (const got of await seen(file)) expect(Math.abs(got - srgb(100 / 255))).toBeLessThan(1);
        // lcms reads the result this way; libvips leaves 16-bit grey unchanged.
        if (picture === deep) continue;
        const { bytes } = await encodePhoto(await decodePhoto(file, 'a.png'), 'png');
        const [back] = await sharp(bytes).toColourspace('srgb').raw().toBuffer();
        expect(Math.abs(back! - srgb(100 / 255))).toBeLessThan(2);
      }
    }
  });

  it('by primaries: red of P3 lies outside of sRGB, and comes back as the same numbers with a profile', async () => {
    for (const chunks of [[cicp(12, 13, 0, 1)], [cicp(12, 13, 0, 1), SRGB]]) {
      const file = await png([230, 20, 30], ...chunks);
      const photo = await decodePhoto(file, 'a.png');
      expect(Array.from(photo.image.data.slice(0, 3))).toEqual([230, 20, 30]);
      const { bytes } = await encodePhoto(photo, 'png');
      // lcms, which is not used for processing, reads it like one with sharp's own P3 profile.
      const { icc } = await sharp(file)
        .withIccProfile('p3')
        .png()
        .toBuffer()
        .then((p3) => sharp(p3).metadata());
      const reference = await encodePhoto({ image: { ...photo.image, profile: icc! } }, 'png');
      const [ours, theirs] = await Promise.all(
        [bytes, reference.bytes].map((one) => sharp(one).toColourspace('srgb').raw().toBuffer()),
      );
      ours!.forEach((value, i) => {
        expect(Math.abs(value - theirs![i]!)).toBeLessThan(2);
      });
      const rgb = new Float64Array(3);
      codecOf(photo.image).decode(photo.image.data, 0, rgb);
      expect(rgb[1]).toBeLessThan(0);
    }
  });

  it('by unknown codes: noted', async () => {
    const { notes } = await decodePhoto(await png([9, 9, 9], cicp(200, 13, 0, 1)), 'a.png');
    expect(notes.join()).toMatch(/unknown colour codes \(200\/13\)/);
  });

  it('by PQ, HLG and video curves: as in Chrome 147', async () => {
    // Read from a canvas in Chrome: levels in, by transfer code, and displayed levels.
    const shown: readonly (readonly [
      transfer: number,
      given: readonly number[],
      shown: readonly number[],
    ])[] = [
      [16, [60, 105, 135, 150, 165, 180, 195], [26, 85, 150, 193, 221, 242, 255]],
      [18, [60, 105, 135, 165, 195, 225, 240], [39, 79, 106, 142, 194, 229, 243]],
      [1, [30, 60, 120, 180], [18, 49, 113, 176]],
      [7, [30, 60, 120, 180], [48, 77, 134, 188]],
      [5, [45, 60, 120, 180], [22, 36, 98, 165]],
    ];
    for (const [transfer, given, expected] of shown) {
      for (const [i, level] of given.entries()) {
        const file = await png([level, level, level], cicp(1, transfer, 0, 1));
        for (const got of await seen(file))
          expect(Math.abs(got - expected[i]!), `${transfer}: ${level}`).toBeLessThan(2);
      }
    }
    const file = await png([148, 148, 148], cicp(9, 16, 0, 1));
    const { image, notes } = await decodePhoto(file, 'a.png');
    expect(notes.join()).toMatch(/is HDR \(PQ\); converted to standard range/);
    expect(image.data).toBeInstanceOf(Uint16Array);
  });

  it('by PQ in grey: the same', async () => {
    const plain = await sharp(Buffer.of(135, 135), { raw: { width: 2, height: 1, channels: 1 } })
      .toColourspace('b-w')
      .png()
      .toBuffer();
    const file = Buffer.concat([plain.subarray(0, 33), cicp(9, 16, 0, 1), plain.subarray(33)]);
    for (const got of await seen(file)) expect(Math.abs(got - 150)).toBeLessThan(2);
  });
});

it('PQ and HLG follow their standards', () => {
  const pixel = (value: number) => new Float64Array([value, value, value]);
  const pq = pixel(0.5080784215);
  hdrToLight('PQ')(pq);
  // SMPTE ST 2084: 100 cd/m².
  expect(203 * pq[0]!).toBeCloseTo(100, 0);
  const hlg = pixel(1);
  hdrToLight('HLG')(hlg);
  expect(203 * hlg[0]!).toBeCloseTo(1000, 0);
});

it('lcms reads a generated profile as intended', async () => {
  const primaries = {
    white: [0.3127, 0.329],
    red: [0.64, 0.33],
    green: [0.3, 0.6],
    blue: [0.15, 0.06],
  } as const;
  const profile = makeProfile(primaries, SRGB_CURVE, 'sRGB again')!;
  const data = Uint8Array.from({ length: 3 * 64 }, (_, i) => (i * 37) % 256);
  const image = { data, width: 8, height: 8, channels: 3 as const, profile };
  const { bytes } = await encodePhoto({ image }, 'png');
  const back = await sharp(bytes).toColourspace('srgb').raw().toBuffer();
  back.forEach((value, i) => {
    expect(Math.abs(value - data[i]!)).toBeLessThan(2);
  });
});

function hasAvifenc(): boolean {
  try {
    execFileSync('avifenc', ['--version'], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
}

it.skipIf(!hasAvifenc())('AVIF by code points has a profile (needs avifenc)', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'glocal-avif-'));
  try {
    writeFileSync(join(folder, 'a.png'), await png([230, 20, 30]));
    const encode = (...options: string[]) => {
      execFileSync('avifenc', ['-s', '10', ...options, 'a.png', 'a.avif'], { cwd: folder, stdio: 'ignore' });
      return readFileSync(join(folder, 'a.avif'));
    };
    const wide = await decodePhoto(encode('--cicp', '12/13/6'), 'a.avif');
    const rgb = new Float64Array(3);
    codecOf(wide.image).decode(wide.image.data, 0, rgb);
    expect(rgb[1]).toBeLessThan(0);
    // The second one as Chrome shows it.
    for (const plain of ['1/13/6', '1/1/1'])
      expect((await decodePhoto(encode('--cicp', plain), 'a.avif')).image.profile).toBeUndefined();
    expect((await decodePhoto(encode('--cicp', '9/16/9', '-d', '10'), 'a.avif')).notes.join()).toMatch(
      /HDR \(PQ\)/,
    );
  } finally {
    rmSync(folder, { recursive: true });
  }
});
