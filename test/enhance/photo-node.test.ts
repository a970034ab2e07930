import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import sharp, { type Sharp } from 'sharp';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  decodePhoto,
  encodePhoto,
  formatOfPath,
  type PhotoFormat,
  readPhoto,
  writeWhole,
} from '../../src/enhance/photo-node';
import { InputError } from '../../src/errors';
import { Random } from '../../src/random';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'glocal-photo-'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

const WIDTH = 24;
const HEIGHT = 16;

/** Four quadrants: red, green over blue, white; the top left tells which way is up. */
function quadrants(): Sharp {
  const data = Buffer.alloc(3 * WIDTH * HEIGHT);
  for (let y = 0; y < HEIGHT; y++) {
    for (let x = 0; x < WIDTH; x++) {
      const [top, left] = [y < HEIGHT / 2, x < WIDTH / 2];
      data.set(
        top ? (left ? [255, 0, 0] : [0, 255, 0]) : left ? [0, 0, 255] : [255, 255, 255],
        3 * (y * WIDTH + x),
      );
    }
  }
  return sharp(data, { raw: { width: WIDTH, height: HEIGHT, channels: 3 } });
}

function noise(channels: 3 | 4): Sharp {
  const random = new Random(7);
  const data = Buffer.from(
    Array.from({ length: WIDTH * HEIGHT * channels }, () => Math.floor(256 * random.uniform())),
  );
  return sharp(data, { raw: { width: WIDTH, height: HEIGHT, channels } });
}

const pixel = (image: { data: ArrayLike<number>; width: number }, x: number, y: number) =>
  [0, 1, 2, 3].map((c) => image.data[4 * (y * image.width + x) + c]!);

describe('decodePhoto', () => {
  // What each EXIF orientation does to an upright picture when it is stored.
  const stored: Record<number, (upright: Sharp) => Sharp> = {
    1: (s) => s,
    2: (s) => s.flop(),
    3: (s) => s.rotate(180),
    4: (s) => s.flip(),
    5: (s) => s.rotate(270).flop(),
    6: (s) => s.rotate(270),
    7: (s) => s.rotate(90).flop(),
    8: (s) => s.rotate(90),
  };
  it.each(Object.keys(stored).map(Number))('turns EXIF orientation %i upright, once', async (orientation) => {
    const flat = await quadrants().png().toBuffer();
    const turned = await stored[orientation]!(sharp(flat)).png().toBuffer();
    const file = await sharp(turned).withMetadata({ orientation }).jpeg({ quality: 100 }).toBuffer();
    const photo = await decodePhoto(file, 'turned.jpg');
    expect([photo.image.width, photo.image.height]).toEqual([WIDTH, HEIGHT]);
    for (const [x, y, colour] of [
      [2, 2, [255, 0, 0]],
      [WIDTH - 3, 2, [0, 255, 0]],
      [2, HEIGHT - 3, [0, 0, 255]],
    ] as const) {
      const got = pixel(photo.image, x, y);
      for (const c of [0, 1, 2]) expect(Math.abs(got[c]! - colour[c]!)).toBeLessThan(12);
    }
    for (const format of ['jpeg', 'png', 'webp'] as const) {
      const { bytes } = await encodePhoto(photo, format);
      const again = await sharp(bytes).metadata();
      expect([again.width, again.height, again.orientation]).toEqual([WIDTH, HEIGHT, 1]);
    }
  });

  it('reads grey, 16-bit, palette, CMYK, TIFF and AVIF files as 8-bit sRGB', async () => {
    const files: Record<string, Buffer> = {
      grey: await quadrants().toColourspace('b-w').png().toBuffer(),
      grey16: await quadrants().toColourspace('grey16').png().toBuffer(),
      rgb16: await quadrants().toColourspace('rgb16').png().toBuffer(),
      palette: await quadrants().png({ palette: true }).toBuffer(),
      cmyk: await quadrants().toColourspace('cmyk').jpeg({ quality: 100 }).toBuffer(),
      tiff: await quadrants().tiff().toBuffer(),
      avif: await quadrants().avif({ quality: 100 }).toBuffer(),
    };
    for (const [name, file] of Object.entries(files)) {
      const photo = await decodePhoto(file, name);
      const [r, g, b, a] = pixel(photo.image, 2, 2);
      expect(photo.image.data.length, name).toBe(4 * WIDTH * HEIGHT);
      expect(photo.isGrey, name).toBe(name.startsWith('grey'));
      expect(a, name).toBe(255);
      if (photo.isGrey) expect([g, b], name).toEqual([r, r]);
      else expect(r! - g!, name).toBeGreaterThan(150);
      expect(
        pixel(photo.image, WIDTH - 3, HEIGHT - 3)
          .slice(0, 3)
          .every((v) => v > 245),
        name,
      ).toBe(true);
    }
  });

  it('converts a Display P3 photo to sRGB and tags the output', async () => {
    const p3 = await quadrants().withIccProfile('p3').png().toBuffer();
    const stored = await sharp(p3, { ignoreIcc: true }).raw().toBuffer();
    expect(stored[0]).toBeLessThan(245);
    const photo = await decodePhoto(p3, 'p3.png');
    expect(pixel(photo.image, 2, 2)[0]).toBeGreaterThan(250);
    const { bytes } = await encodePhoto(photo, 'png');
    const profile = (await sharp(bytes).metadata()).icc?.toString('latin1').replaceAll('\0', '');
    expect(profile).toContain('sRGB');
    expect((await decodePhoto(bytes, 'again.png')).image.data).toEqual(photo.image.data);
  });

  it('uses the first frame of an animation and says so', async () => {
    const frames = [await quadrants().png().toBuffer(), await quadrants().negate().png().toBuffer()];
    const gif = await sharp(frames, { join: { animated: true } })
      .gif()
      .toBuffer();
    const photo = await decodePhoto(gif, 'moving.gif');
    expect(photo.image.height).toBe(HEIGHT);
    expect(pixel(photo.image, 2, 2)).toEqual([255, 0, 0, 255]);
    expect(photo.notes.join()).toMatch(/2 frames/);
  });
});

describe('encodePhoto', () => {
  it.each(['png', 'jpeg', 'webp'] as const)('keeps EXIF through %s', async (format) => {
    const tagged = await noise(3)
      .jpeg()
      .withExif({ IFD0: { Copyright: 'someone' }, IFD2: { DateTimeOriginal: '2019:05:01 12:00:00' } })
      .toBuffer();
    const file = await sharp(tagged).keepExif().withMetadata({ orientation: 6 }).jpeg().toBuffer();
    const photo = await decodePhoto(file, 'photo.jpg');
    const { bytes } = await encodePhoto(photo, format);
    const metadata = await sharp(bytes).metadata();
    expect(metadata.orientation).toBe(1);
    expect(metadata.exif?.includes('2019:05:01 12:00:00')).toBe(true);
    expect(metadata.exif?.includes('someone')).toBe(true);
    const { info } = await sharp(bytes).raw().toBuffer({ resolveWithObject: true });
    expect([info.width, info.height]).toEqual([HEIGHT, WIDTH]);
  });

  it('keeps every RGBA value in PNG, and alpha in WebP, with EXIF beside it', async () => {
    const png = await noise(4).png().toBuffer();
    const photo = { ...(await decodePhoto(png, 'a.png')), exif: minimalExif() };
    const before = Buffer.from(photo.image.data);
    const again = await decodePhoto((await encodePhoto(photo, 'png')).bytes, 'again.png');
    expect(again.hasAlpha).toBe(true);
    expect(Buffer.from(again.image.data).equals(before)).toBe(true);
    const webp = await decodePhoto((await encodePhoto(photo, 'webp')).bytes, 'again.webp');
    for (let i = 3; i < before.length; i += 4) expect(webp.image.data[i]).toBe(before[i]);
    expect(webp.exif).toBeDefined();
  });

  it('puts a transparent photo on white in JPEG and says so', async () => {
    const clear = sharp({
      create: { width: 8, height: 8, channels: 4, background: { r: 0, g: 0, b: 0, alpha: 0 } },
    });
    const photo = await decodePhoto(await clear.png().toBuffer(), 'clear.png');
    const { bytes, notes } = await encodePhoto(photo, 'jpeg');
    expect(notes.join()).toMatch(/transparency/);
    expect(pixel((await decodePhoto(bytes, 'white.jpg')).image, 4, 4)).toEqual([255, 255, 255, 255]);
  });

  it('gives a grey photo back with one channel', async () => {
    const photo = await decodePhoto(await noise(3).toColourspace('b-w').png().toBuffer(), 'grey.png');
    const { bytes } = await encodePhoto(photo, 'png');
    const metadata = await sharp(bytes).metadata();
    expect([metadata.space, metadata.channels]).toEqual(['b-w', 1]);
    expect((await decodePhoto(bytes, 'again')).image.data).toEqual(photo.image.data);
  });

  it('names the format that cannot hold the size', async () => {
    const image = { data: new Uint8ClampedArray(4 * 16400), width: 16400, height: 1 };
    const photo = { image, hasAlpha: false, isGrey: false, hasProfile: false };
    await expect(encodePhoto(photo, 'webp')).rejects.toThrow(/16400 x 1 cannot be written as WEBP/);
  });
});

/** A little-endian EXIF block whose only entry is the orientation, upright. */
function minimalExif(): Uint8Array {
  const words = [0x4949, 42, 8, 0, 1, 0x0112, 3, 1, 0, 1, 0, 0, 0];
  return new Uint8Array(new Uint16Array(words).buffer);
}

describe('bad files', () => {
  const isInputError = (pattern: RegExp) => (error: unknown) =>
    error instanceof InputError && pattern.test(error.message) && !error.message.includes('\n');

  it.each(['jpeg', 'png', 'webp'] satisfies PhotoFormat[])('refuses a %s cut anywhere', async (format) => {
    const whole = await noise(3).toFormat(format).toBuffer();
    await expect(decodePhoto(whole, 'whole')).resolves.toBeDefined();
    for (const share of [0.2, 0.5, 0.9]) {
      const cut = whole.subarray(0, Math.floor(share * whole.length));
      await expect(decodePhoto(cut, 'cut.file')).rejects.toSatisfy(
        isInputError(/cut\.file is (damaged|not an image)/),
      );
    }
  });

  it('refuses an empty file, a text file, a drawing, a missing file and a folder, each by name', async () => {
    const decode = (text: string) => decodePhoto(Buffer.from(text), 'given.jpg');
    await expect(decode('')).rejects.toSatisfy(isInputError(/given\.jpg is empty/));
    await expect(decode('dear diary, today')).rejects.toSatisfy(isInputError(/given\.jpg is not an image/));
    await expect(decode('<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"/>')).rejects.toSatisfy(
      isInputError(/given\.jpg is SVG/),
    );
    await expect(readPhoto(join(folder, 'nowhere.jpg'))).rejects.toSatisfy(
      isInputError(/nowhere\.jpg.*ENOENT/),
    );
    await expect(readPhoto(folder)).rejects.toSatisfy(isInputError(/EISDIR/));
  });

  it('refuses a picture over the pixel limit by its header alone', async () => {
    const small = await sharp({ create: { width: 1, height: 1, channels: 3, background: '#000' } })
      .png()
      .toBuffer();
    const huge = Buffer.from(small);
    huge.writeUInt32BE(30000, 16);
    huge.writeUInt32BE(30000, 20);
    huge.writeUInt32BE(crcOfHeader(huge), 29);
    await expect(decodePhoto(huge, 'bomb.png')).rejects.toSatisfy(isInputError(/bomb\.png.*268 megapixels/));
  });

  it('leaves nothing behind when a file cannot be written', async () => {
    await writeFile(join(folder, 'occupied'), 'a file, not a folder');
    await expect(writeWhole(join(folder, 'occupied', 'out.png'), new Uint8Array(4))).rejects.toThrow(
      InputError,
    );
    await writeWhole(join(folder, 'fine.bin'), new Uint8Array(4));
    expect((await readdir(folder)).sort()).toEqual(['fine.bin', 'occupied']);
  });

  it('refuses an extension that is not written', () => {
    expect(formatOfPath('A.JPG')).toBe('jpeg');
    expect(() => formatOfPath('a.bmp')).toThrow(InputError);
  });
});

function crcOfHeader(png: Buffer): number {
  let crc = ~0;
  for (const byte of png.subarray(12, 29)) {
    crc ^= byte;
    for (let bit = 0; bit < 8; bit++) crc = (crc >>> 1) ^ (crc & 1 ? 0xedb88320 : 0);
  }
  return ~crc >>> 0;
}
