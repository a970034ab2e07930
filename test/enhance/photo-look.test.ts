import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import sharp, { type Sharp } from 'sharp';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Enhancer } from '../../src/enhance/enhancer';
import { enhanceFile } from '../../src/enhance/node/enhance-file';
import { loadModel } from '../../src/enhance/node/models';
import { embedMetadata } from '../../src/photo/embed-metadata';
import { ADOBE_RGB, GREY_GAMMA_18, iccProfile } from '../photo/icc';
import { openTestGpu } from '../support/gpu';

/**
 * Photos of all kinds go through files and back. sharp with lcms, which is not used for processing colours, reads
 * inputs and outputs as sRGB.
 */

const WIDTH = 60;
const HEIGHT = 44;

let folder: string;
let enhancer: Enhancer;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'glocal-look-'));
  enhancer = await Enhancer.create({ gpu: await openTestGpu(), model: await loadModel('nano') });
});
afterAll(async () => {
  await enhancer?.dispose();
  await rm(folder, { recursive: true, force: true });
});

/** Soft colours, brighter to the right and bluer below: every orientation looks different. */
function scene(channels: 3 | 4 = 3): Sharp {
  const data = Buffer.alloc(channels * WIDTH * HEIGHT);
  for (let y = 0, at = 0; y < HEIGHT; y++) {
    for (let x = 0; x < WIDTH; x++) {
      const light = 40 + 2.5 * x;
      data[at++] = light;
      data[at++] = 30 + 0.8 * light - y;
      data[at++] = 40 + 3 * y;
      if (channels === 4) data[at++] = (x * 4 + y * 3) % 256;
    }
  }
  return sharp(data, { raw: { width: WIDTH, height: HEIGHT, channels } });
}

/** How an upright picture is stored for an EXIF orientation. */
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

async function turned(orientation: number): Promise<Buffer> {
  const upright = sharp(await scene().png().toBuffer());
  const pixels = await stored[orientation]!(upright).png().toBuffer();
  return sharp(pixels)
    .withMetadata({ orientation })
    .jpeg({ quality: 100, chromaSubsampling: '4:4:4' })
    .toBuffer();
}

async function adobeRgb(): Promise<Uint8Array> {
  const size = { width: WIDTH, height: HEIGHT, hasAlpha: false };
  return (
    await embedMetadata(await scene().png().toBuffer(), 'png', { profile: iccProfile(ADOBE_RGB) }, size)
  ).bytes;
}

async function greyWithProfile(): Promise<Uint8Array> {
  const size = { width: WIDTH, height: HEIGHT, hasAlpha: false };
  const grey = await scene().toColourspace('b-w').png().toBuffer();
  return (await embedMetadata(grey, 'png', { profile: iccProfile(GREY_GAMMA_18) }, size)).bytes;
}

async function deep(format: 'png' | 'tiff'): Promise<Buffer> {
  const flat = await scene().raw().toBuffer();
  const data = Uint16Array.from(flat, (value, i) => 257 * value + ((i * 97) % 128));
  const picture = sharp(data, { raw: { width: WIDTH, height: HEIGHT, channels: 3 } }).toColourspace('rgb16');
  return format === 'png' ? picture.png().toBuffer() : picture.tiff({ compression: 'lzw' }).toBuffer();
}

interface Kind {
  readonly file: () => Promise<Uint8Array>;
  readonly extension: string;
  /** Levels of 255 by which the mean may be off: 8-bit rounding, twice, plus the losses of a lossy format. */
  readonly mean: number;
}

const kinds: Record<string, Kind> = {
  ...Object.fromEntries(
    Object.keys(stored).map((orientation) => [
      `JPEG, orientation ${orientation}`,
      { file: () => turned(Number(orientation)), extension: 'jpg', mean: 1 },
    ]),
  ),
  'Display P3': { file: () => scene().withIccProfile('p3').png().toBuffer(), extension: 'png', mean: 1.5 },
  'Display P3, JPEG': {
    file: () => scene().withIccProfile('p3').jpeg({ quality: 100 }).toBuffer(),
    extension: 'jpg',
    mean: 2,
  },
  'Adobe RGB': { file: adobeRgb, extension: 'png', mean: 1.5 },
  alpha: { file: () => scene(4).png().toBuffer(), extension: 'png', mean: 0.01 },
  'alpha, WebP': {
    file: () => scene(4).webp({ lossless: true, exact: true }).toBuffer(),
    extension: 'webp',
    mean: 3,
  },
  'alpha, Display P3': {
    file: () => scene(4).withIccProfile('p3').png().toBuffer(),
    extension: 'png',
    mean: 1.5,
  },
  '16 bits, PNG': { file: () => deep('png'), extension: 'png', mean: 1 },
  '16 bits, TIFF': { file: () => deep('tiff'), extension: 'tif', mean: 1 },
  CMYK: {
    file: () => scene().toColourspace('cmyk').withIccProfile('cmyk').jpeg({ quality: 100 }).toBuffer(),
    extension: 'jpg',
    mean: 1,
  },
  grey: {
    file: () => scene().toColourspace('b-w').jpeg({ quality: 100 }).toBuffer(),
    extension: 'jpg',
    mean: 1.5,
  },
  'grey with a profile': { file: greyWithProfile, extension: 'png', mean: 1.5 },
};

/** Upright, 8-bit sRGB with alpha, by sharp and lcms. */
const read = (file: Uint8Array): Promise<Buffer> =>
  sharp(file).autoOrient().toColourspace('srgb').ensureAlpha().raw().toBuffer();

function meanDifference(a: Uint8Array, b: ArrayLike<number>, ofAlpha: boolean): number {
  let [sum, count] = [0, 0];
  for (let i = 0; i < a.length; i++) {
    if ((i % 4 === 3) !== ofAlpha) continue;
    sum += Math.abs(a[i]! - b[i]!);
    count++;
  }
  return sum / count;
}

describe('photos as files', () => {
  it.each(Object.keys(kinds))('%s: same look, size, depth, profile, alpha', async (name) => {
    const { file, extension, mean } = kinds[name]!;
    const input = await file();
    const source = join(folder, `in.${extension}`);
    const target = join(folder, `out.${extension}`);
    await writeFile(source, input);
    const before = await read(input);
    const isGrey = name.startsWith('grey');
    for (const strength of [0, 1]) {
      await enhanceFile(enhancer, source, target, { strength, quality: 100 });
      // As bytes: libvips caches files by name.
      const output = await readFile(target);
      const [was, is] = [await sharp(input).metadata(), await sharp(output).metadata()];
      expect([is.width, is.height, is.orientation ?? 1]).toEqual([WIDTH, HEIGHT, 1]);
      expect([is.depth, is.hasAlpha]).toEqual([was.depth, was.hasAlpha]);
      if (name === 'CMYK') expect([is.space, is.channels]).toEqual(['srgb', 3]);
      else {
        expect([is.space, is.channels]).toEqual([was.space, was.channels]);
        expect(is.icc).toEqual(was.icc);
      }
      const after = await read(output);
      expect(meanDifference(after, before, true)).toBe(0);
      // The network's output for the photo as read by another program.
      const { data } = await enhancer.run({ data: before, width: WIDTH, height: HEIGHT }, { strength });
      const expected = isGrey ? luminances(data) : data;
      expect(meanDifference(after, expected, false)).toBeLessThan(mean);
      if (strength === 1) expect(meanDifference(after, before, false)).toBeGreaterThan(5);
    }
  });
});

/** RGBA with the luminance of each pixel in all channels, by IEC 61966-2-1. */
function luminances(rgba: Uint8ClampedArray): number[] {
  const linear = (v: number) => (v / 255 <= 0.04045 ? v / 255 / 12.92 : ((v / 255 + 0.055) / 1.055) ** 2.4);
  const encode = (l: number) => 255 * (l <= 0.0031308 ? 12.92 * l : 1.055 * l ** (1 / 2.4) - 0.055);
  const result: number[] = [];
  for (let i = 0; i < rgba.length; i += 4) {
    const [r, g, b] = [linear(rgba[i]!), linear(rgba[i + 1]!), linear(rgba[i + 2]!)];
    const level = encode(0.2126 * r + 0.7152 * g + 0.0722 * b);
    result.push(level, level, level, rgba[i + 3]!);
  }
  return result;
}
