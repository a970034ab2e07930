import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import sharp, { type Sharp } from 'sharp';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { InputError } from '../../../src/errors';
import { embedMetadata } from '../../../src/photo/embed-metadata';
import { formatOfPath, PHOTO_FORMATS } from '../../../src/photo/format';
import { decodePhoto, encodePhoto, type Photo, readPhoto } from '../../../src/photo/node/photo';
import { Random } from '../../../src/random';
import { ADOBE_RGB, GREY_GAMMA_18, iccProfile } from '../icc';

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

const pixel = ({ data, width, channels }: Photo['image'], x: number, y: number) =>
  Array.from({ length: channels }, (_, c) => data[channels * (y * width + x) + c]!);

describe('decodePhoto', () => {
  // How each EXIF orientation stores an upright picture.
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
    for (const format of PHOTO_FORMATS) {
      const { bytes } = await encodePhoto(photo, format);
      const again = await sharp(bytes).metadata();
      // A TIFF without the tag is upright by its standard.
      expect([again.width, again.height, again.orientation ?? 1]).toEqual([WIDTH, HEIGHT, 1]);
    }
  });

  it('keeps the numbers of a file unchanged: grey, alpha, 16 bits, palette, TIFF', async () => {
    const grey = sharp(await noise(3).toColourspace('b-w').png().toBuffer()).toColourspace('b-w');
    const wide = Uint16Array.from({ length: 3 * WIDTH * HEIGHT }, (_, i) => (i * 7919) % 65536);
    const rgb16 = sharp(wide, { raw: { width: WIDTH, height: HEIGHT, channels: 3 } }).toColourspace('rgb16');
    const grey16 = sharp(wide.slice(0, WIDTH * HEIGHT), {
      raw: { width: WIDTH, height: HEIGHT, channels: 1 },
    });
    const pairs = wide.slice(0, 2 * WIDTH * HEIGHT).map((v) => v >> 8);
    const raw = { width: WIDTH, height: HEIGHT, channels: 2 } as const;
    const greyAlpha = sharp(Uint8Array.from(pairs), { raw });
    const files: Record<string, [Buffer, number, ArrayLike<number>]> = {
      grey: [await grey.png().toBuffer(), 1, await grey.raw().toBuffer()],
      'grey and alpha': [await greyAlpha.toColourspace('b-w').png().toBuffer(), 2, pairs],
      rgba: [await noise(4).png().toBuffer(), 4, await noise(4).raw().toBuffer()],
      palette: [await quadrants().png({ palette: true }).toBuffer(), 3, await quadrants().raw().toBuffer()],
      'rgb, 16 bits': [await rgb16.png().toBuffer(), 3, wide],
      'TIFF, 16 bits': [await rgb16.tiff({ compression: 'lzw' }).toBuffer(), 3, wide],
      'grey, 16 bits': [
        await grey16.toColourspace('grey16').png().toBuffer(),
        1,
        wide.subarray(0, WIDTH * HEIGHT),
      ],
    };
    for (const [name, [file, channels, expected]] of Object.entries(files)) {
      const { image, notes } = await decodePhoto(file, name);
      expect([image.width, image.height, image.channels, ...notes], name).toEqual([WIDTH, HEIGHT, channels]);
      expect(image.data instanceof Uint16Array, name).toBe(name.includes('16 bits'));
      expect(Array.from(image.data), name).toEqual(Array.from(expected));
    }
  });

  it('converts colours that cannot be converted back, and says so', async () => {
    const cmyk = await quadrants().toColourspace('cmyk').jpeg({ quality: 100 }).toBuffer();
    const tables = await embedMetadata(
      await quadrants().png().toBuffer(),
      'png',
      { profile: iccProfile({ ...ADOBE_RGB, extraTag: 'A2B0' }) },
      { width: WIDTH, height: HEIGHT, hasAlpha: false },
    );
    for (const [file, note] of [
      [cmyk, /^is CMYK; converted to sRGB/],
      [tables.bytes, /^has a table-based colour profile; converted to sRGB/],
    ] as const) {
      const { image, notes } = await decodePhoto(file, 'other');
      expect(notes).toEqual([expect.stringMatching(note)]);
      expect([image.channels, image.profile]).toEqual([3, undefined]);
      const [r, g] = pixel(image, 2, 2);
      expect(r! - g!).toBeGreaterThan(150);
      expect(Math.min(...pixel(image, WIDTH - 3, HEIGHT - 3))).toBeGreaterThan(240);
    }
  });

  it('leaves out a profile that is damaged or of another space, keeps the numbers, and says so', async () => {
    const good = iccProfile(ADOBE_RGB);
    const unsigned = Uint8Array.from(good);
    unsigned.fill(0x7a, 36, 40);
    const cmyk = Uint8Array.from(good);
    cmyk.set(Buffer.from('CMYK'), 16);
    const wide = Uint16Array.from({ length: 3 * WIDTH * HEIGHT }, (_, i) => (i * 7919) % 65536);
    const plain = await sharp(wide, { raw: { width: WIDTH, height: HEIGHT, channels: 3 } })
      .toColourspace('rgb16')
      .png()
      .toBuffer();
    for (const [profile, note] of [
      [Buffer.from('no profile at all'), /damaged colour profile and is left out/],
      [unsigned, /damaged colour profile/],
      [good.subarray(0, 200), /damaged colour profile/],
      [cmyk, /profile for CMYK that does not fit the picture/],
    ] as const) {
      const size = { width: WIDTH, height: HEIGHT, hasAlpha: false };
      const { bytes } = await embedMetadata(plain, 'png', { profile }, size);
      const { image, notes } = await decodePhoto(bytes, 'a.png');
      expect(notes).toEqual([expect.stringMatching(note)]);
      expect(image.profile).toBeUndefined();
      expect(image.data).toEqual(wide);
    }
  });

  it('reads AVIF', async () => {
    const { image } = await decodePhoto(await quadrants().avif({ quality: 100 }).toBuffer(), 'a.avif');
    expect(image.channels).toBe(3);
    expect(pixel(image, 2, 2)[0]! - pixel(image, 2, 2)[1]!).toBeGreaterThan(200);
  });

  it('keeps the numbers of a Display P3 photo, and passes the profile on', async () => {
    const p3 = await quadrants().withIccProfile('p3').png().toBuffer();
    const { image, notes } = await decodePhoto(p3, 'p3.png');
    expect(Buffer.from(image.data).equals(await sharp(p3, { ignoreIcc: true }).raw().toBuffer())).toBe(true);
    expect(Buffer.from(image.profile!).equals((await sharp(p3).metadata()).icc!)).toBe(true);
    expect(notes).toEqual([]);
  });

  it('takes the picture of a JPEG with a gain map, and says that the map is left out', async () => {
    // Experimental in sharp, and not in its types.
    const withMap = quadrants() as Sharp & { withGainMap(): Sharp };
    const jpeg = await withMap.withGainMap().jpeg({ quality: 100 }).toBuffer();
    expect((await sharp(jpeg).metadata()).gainMap).toBeDefined();
    const { image, notes } = await decodePhoto(jpeg, 'hdr.jpg');
    expect(notes).toEqual([expect.stringMatching(/gain map/)]);
    expect(pixel(image, 2, 2)[0]! - pixel(image, 2, 2)[1]!).toBeGreaterThan(100);
  });

  it.each(['gif', 'webp'] as const)('uses the first frame of an animated %s and says so', async (format) => {
    const frames = [await quadrants().png().toBuffer(), await quadrants().negate().png().toBuffer()];
    const moving = await sharp(frames, { join: { animated: true } })
      .toFormat(format, { lossless: true })
      .toBuffer();
    const photo = await decodePhoto(moving, `moving.${format}`);
    expect(photo.image.height).toBe(HEIGHT);
    expect(pixel(photo.image, 2, 2).slice(0, 3)).toEqual([255, 0, 0]);
    expect(photo.notes.join()).toMatch(/2 frames/);
  });
});

const XMP =
  '<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">' +
  '<rdf:Description xmlns:tiff="http://ns.adobe.com/tiff/1.0/" tiff:Orientation="6" xmlns:xmp="http://ns.adobe.com/xap/1.0/" ' +
  'xmp:Label="Größe"/></rdf:RDF></x:xmpmeta>';

describe('encodePhoto', () => {
  /** A photo with everything that must be carried over. */
  async function tagged(): Promise<Buffer> {
    const exif = { IFD0: { Copyright: 'someone' }, IFD2: { DateTimeOriginal: '2019:05:01 12:00:00' } };
    const file = await noise(3).jpeg().withExif(exif).toBuffer();
    return sharp(file)
      .keepExif()
      .withMetadata({ orientation: 6 })
      .withIccProfile('p3')
      .withXmp(XMP)
      .jpeg()
      .toBuffer();
  }

  it.each(PHOTO_FORMATS)('keeps EXIF, XMP and the profile through %s', async (format) => {
    const file = await tagged();
    const photo = await decodePhoto(file, 'photo.jpg');
    const { bytes, notes } = await encodePhoto(photo, format);
    expect(notes).toEqual([]);
    const metadata = await sharp(bytes).metadata();
    expect(metadata.icc).toEqual((await sharp(file).metadata()).icc);
    expect(metadata.xmp?.toString()).toContain('xmp:Label="Größe"');
    expect(metadata.xmp?.toString()).toContain('tiff:Orientation="1"');
    expect(metadata.orientation ?? 1).toBe(1);
    // sharp has no EXIF of TIFF; our own reader is tested by itself.
    const exif = format === 'tiff' ? (await decodePhoto(bytes, 'again')).exif : metadata.exif;
    expect(Buffer.from(exif!).includes('2019:05:01 12:00:00')).toBe(true);
    expect(Buffer.from(exif!).includes('someone')).toBe(true);
    const { info } = await sharp(bytes).raw().toBuffer({ resolveWithObject: true });
    expect([info.width, info.height]).toEqual([HEIGHT, WIDTH]);
  });

  it('takes EXIF, XMP and profile from a TIFF too', async () => {
    const first = await decodePhoto(await tagged(), 'photo.jpg');
    const tiff = (await encodePhoto(first, 'tiff')).bytes;
    const { bytes } = await encodePhoto(await decodePhoto(tiff, 'photo.tif'), 'jpeg');
    const metadata = await sharp(bytes).metadata();
    expect(metadata.exif?.includes('2019:05:01 12:00:00')).toBe(true);
    expect(metadata.exif?.includes('someone')).toBe(true);
    expect(metadata.xmp?.toString()).toContain('xmp:Label="Größe"');
    expect(metadata.icc!.equals(first.image.profile!)).toBe(true);
  });

  it('writes 16 bits if the format has them, otherwise 8 rounded bits', async () => {
    const data = Uint16Array.from({ length: 300 }, (_, i) => (i * 219) % 65536);
    const photo = { image: { data, width: 10, height: 10, channels: 3 as const } };
    for (const format of ['png', 'tiff'] as const) {
      const { bytes, notes } = await encodePhoto(photo, format);
      expect(notes).toEqual([]);
      expect((await decodePhoto(bytes, 'again')).image.data).toEqual(data);
    }
    const { bytes, notes } = await encodePhoto(photo, 'webp', { quality: 100 });
    expect(notes.join()).toMatch(/WEBP has only 8 bits/);
    expect((await sharp(bytes).metadata()).depth).toBe('uchar');
    const jpeg = await encodePhoto({ image: { ...photo.image, data: data.fill(0x8080 - 1) } }, 'jpeg');
    // 32895 / 257 = 127.996
    expect((await decodePhoto(jpeg.bytes, 'grey.jpg')).image.data[0]).toBe(128);
  });

  it('keeps every RGBA value in PNG and TIFF, and alpha in WebP, with EXIF beside it', async () => {
    const png = await noise(4).png().toBuffer();
    const photo = { ...(await decodePhoto(png, 'a.png')), exif: minimalExif() };
    const before = Buffer.from(photo.image.data);
    for (const format of ['png', 'tiff'] as const) {
      const again = await decodePhoto((await encodePhoto(photo, format)).bytes, 'again');
      expect(again.image.channels).toBe(4);
      expect(Buffer.from(again.image.data).equals(before)).toBe(true);
    }
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
    expect(pixel((await decodePhoto(bytes, 'white.jpg')).image, 4, 4)).toEqual([255, 255, 255]);
  });

  it('keeps grey with alpha in PNG and TIFF', async () => {
    const data = Uint8Array.from({ length: 200 }, (_, i) => (i * 37) % 256);
    const image = { data, width: 10, height: 10, channels: 2 as const };
    for (const format of ['png', 'tiff'] as const) {
      for (const samples of [data, Uint16Array.from(data, (value, i) => 257 * value + (i % 50))]) {
        const { bytes } = await encodePhoto({ image: { ...image, data: samples } }, format);
        const { channels, depth } = await sharp(bytes).metadata();
        expect([channels, depth], format).toEqual([2, samples === data ? 'uchar' : 'ushort']);
        expect(Array.from((await decodePhoto(bytes, 'again')).image.data), format).toEqual([...samples]);
      }
    }
    const grey = { data: Uint16Array.from(data, (value) => 256 * value), width: 20, height: 10 };
    const { bytes } = await encodePhoto({ image: { ...grey, channels: 1 } }, 'png');
    expect((await decodePhoto(bytes, 'again')).image).toEqual({ ...grey, channels: 1 });
  });

  it('returns a grey photo with one channel and its profile', async () => {
    const profile = iccProfile(GREY_GAMMA_18);
    const image = { data: Uint8Array.from({ length: 256 }, (_, i) => i), width: 16, height: 16, profile };
    for (const format of PHOTO_FORMATS) {
      const { bytes } = await encodePhoto({ image: { ...image, channels: 1 } }, format, { quality: 100 });
      const metadata = await sharp(bytes).metadata();
      if (format === 'webp') {
        expect([metadata.channels, metadata.icc]).toEqual([3, undefined]);
        const { bytes: png } = await encodePhoto({ image: { ...image, channels: 1 } }, 'png');
        const [webp, expected] = await Promise.all(
          [bytes, png].map((file) => sharp(file).toColourspace('b-w').raw().toBuffer()),
        );
        for (let k = 0; k < 256; k++) expect(Math.abs(webp![k]! - expected![k]!)).toBeLessThan(6);
        continue;
      }
      expect([metadata.space, metadata.channels], format).toEqual(['b-w', 1]);
      expect(metadata.icc?.equals(profile), format).toBe(true);
    }
    const { bytes } = await encodePhoto({ image: { ...image, channels: 1 } }, 'png');
    expect(Array.from((await decodePhoto(bytes, 'again')).image.data)).toEqual(Array.from(image.data));
  });

  it('names the format that cannot hold the size', async () => {
    const image = { data: new Uint8Array(3 * 16400), width: 16400, height: 1, channels: 3 as const };
    await expect(encodePhoto({ image }, 'webp')).rejects.toThrow(/16400 x 1 cannot be written as WEBP/);
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

  it.each(PHOTO_FORMATS)('refuses a %s truncated anywhere', async (format) => {
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
    await expect(readPhoto(folder)).rejects.toSatisfy(isInputError(/it is a folder/));
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
