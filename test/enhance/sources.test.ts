import { fileURLToPath, pathToFileURL } from 'node:url';
import sharp from 'sharp';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Enhancer } from '../../src/enhance/enhancer';
import { NodeEnhancer } from '../../src/enhance/node/enhancer';
import type { EnhancedImage } from '../../src/photo/image';
import { openTestGpu } from '../support/gpu';
import { hasBrowser, openPage, type TestPage } from '../support/page';
import { randomImage, tinyWeights } from './support';

/** The forms of input and output that `run` supports besides plain numbers. */

const [WIDTH, HEIGHT] = [24, 16];
/** Opaque: a canvas keeps colours under alpha only approximately. */
const { data } = randomImage(WIDTH, HEIGHT);
for (let i = 3; i < data.length; i += 4) data[i] = 255;
const pixels = { data, width: WIDTH, height: HEIGHT };
const raw = { raw: { width: WIDTH, height: HEIGHT, channels: 4 } } as const;

let png: Buffer;
let enhancer: Enhancer;
let expected: EnhancedImage<Uint8ClampedArray<ArrayBuffer>>;
beforeAll(async () => {
  png = await sharp(data, raw).removeAlpha().png().toBuffer();
  enhancer = await NodeEnhancer.create({ gpu: await openTestGpu(), model: tinyWeights() });
  expected = await enhancer.run(pixels);
});
afterAll(() => enhancer?.dispose());

const rgbOf = (rgba: ArrayLike<number>) => Array.from(rgba).filter((_, i) => i % 4 !== 3);

describe('in Node', () => {
  it('takes the bytes of a photo, a Blob, and a file or data URL', async () => {
    const path = fileURLToPath(new URL('../../node_modules/.glocal-sources.png', import.meta.url));
    await sharp(png).toFile(path);
    const sources = [
      png,
      png.buffer.slice(png.byteOffset, png.byteOffset + png.length) as ArrayBuffer,
      new Blob([new Uint8Array(png)]),
      pathToFileURL(path),
      new URL(`data:image/png;base64,${png.toString('base64')}`),
    ];
    for (const source of sources) {
      const result = await enhancer.run(source);
      expect([result.width, result.height, result.channels]).toEqual([WIDTH, HEIGHT, 3]);
      expect([...result.data]).toEqual(rgbOf(expected.data));
    }
  });

  it('says what is wrong with a file', async () => {
    const cases: readonly [Uint8Array, string][] = [
      [Buffer.from('dear diary'), 'not-an-image'],
      [png.subarray(0, png.length / 2), 'photo-damaged'],
      [new Uint8Array(0), 'photo-truncated'],
    ];
    for (const [bytes, code] of cases) await expect(enhancer.run(bytes)).rejects.toMatchObject({ code });
  });

  it('gives floats that round to the numbers, with finer steps', async () => {
    const { data: floats, channels } = await enhancer.run(pixels, { output: 'float' });
    expect([floats.constructor, floats.length, channels]).toEqual([Float32Array, data.length, 4]);
    // Two roundings may fall on different sides of a half.
    for (const [i, value] of floats.entries())
      expect(Math.abs(255 * value - expected.data[i]!)).toBeLessThanOrEqual(0.5 + 255 / 65535);
    expect(new Set(floats).size).toBeGreaterThan(256);
  });

  it('gives a file with the metadata of the photo', async () => {
    const source = await sharp(png)
      .withExif({ IFD0: { Artist: 'Ada' } })
      .jpeg({ quality: 100 })
      .toBuffer();
    const jpeg = await enhancer.run(source, { output: 'blob', quality: 80 });
    expect(jpeg.type).toBe('image/jpeg');
    const facts = await sharp(await jpeg.arrayBuffer()).metadata();
    expect(facts.exif?.toString('latin1')).toContain('Ada');
    const webp = await enhancer.run(pixels, { output: 'blob', format: 'webp' });
    expect((await sharp(await webp.arrayBuffer()).metadata()).format).toBe('webp');
  });

  it('overwrites only numbers that the caller gave away', async () => {
    // More than are converted at once.
    const [width, height] = [700, 390];
    const rgba = randomImage(width, height).data;
    const rgb = Uint8Array.from(rgbOf(rgba));
    const photo = { data: rgb, width, height, channels: 3 } as const;
    const isSame = (a: Iterable<number>, b: Iterable<number>) =>
      Buffer.from([...a]).equals(Buffer.from([...b]));
    const before = rgb.slice();
    const kept = await enhancer.run(photo);
    expect(isSame(rgb, before)).toBe(true);
    expect(isSame(rgbOf((await enhancer.run({ data: rgba, width, height })).data), kept.data)).toBe(true);
    for (const [strength, expected] of [
      [0, before],
      [1, kept.data],
    ] as const) {
      const result = await enhancer.run(photo, { inPlace: true, strength });
      expect(result.data.buffer).toBe(rgb.buffer);
      expect(isSame(result.data, expected)).toBe(true);
    }
  });

  it('reports that there are no ImageData and bitmaps', async () => {
    for (const output of ['imageData', 'bitmap'] as const)
      await expect(enhancer.run(pixels, { output })).rejects.toThrow(/^There is no Image.* here/);
  });
});

describe.runIf(hasBrowser())('in a browser', () => {
  let opened: TestPage;
  beforeAll(async () => {
    opened = await openPage(fileURLToPath(new URL('sources-page.ts', import.meta.url)));
    await opened.page.evaluate(
      (weights, photo) => window.glocal.open(weights, photo),
      Buffer.from(tinyWeights()).toString('base64'),
      png.toString('base64'),
    );
  });
  afterAll(() => opened?.close());

  it('takes everything that a page can show', async () => {
    const results = await opened.page.evaluate(() => window.glocal.runSources());
    const names = Object.keys(results);
    expect(names).toEqual([
      ...['ImageData', 'pixels', 'Blob', 'File', 'bytes', 'URL', 'ImageBitmap', 'HTMLImageElement'],
      ...['HTMLCanvasElement', 'OffscreenCanvas', 'VideoFrame'],
    ]);
    for (const name of names) expect(results[name], name).toEqual(results.ImageData);
  });

  it('gives everything that a page can use', async () => {
    const { reference, outputs } = await opened.page.evaluate(() => window.glocal.runOutputs());
    for (const [name, given] of Object.entries(outputs)) expect(given, name).toEqual(reference);
  });

  it('keeps the metadata of a file', async () => {
    const source = await sharp(png)
      .withExif({ IFD0: { Artist: 'Ada' } })
      .jpeg()
      .toBuffer();
    const base64 = await opened.page.evaluate(
      (text) => window.glocal.runFile(text),
      source.toString('base64'),
    );
    const facts = await sharp(Buffer.from(base64, 'base64')).metadata();
    expect([facts.format, facts.exif?.toString('latin1').includes('Ada')]).toEqual(['jpeg', true]);
  });

  it('names unusable sources and outputs', async () => {
    const errors = await opened.page.evaluate(() => window.glocal.misuse());
    expect(errors).toEqual({
      string: expect.stringMatching(/^invalid-input: A string is not an image\./),
      element: expect.stringMatching(/^invalid-input: .* is not an image\./),
      'closed bitmap': expect.stringMatching(/^invalid-input: The ImageBitmap has no pixels/),
      'image that is not loaded': expect.stringMatching(/^invalid-input: The HTMLImageElement has no pixels/),
      'no photo': expect.stringMatching(/^not-an-image: /),
      'missing photo': expect.stringMatching(/^invalid-input: The photo at .* the server answered 404/),
      output: expect.stringMatching(/^invalid-input: output is "jpeg"/),
      'canvas of WebGL': expect.stringMatching(/^invalid-input: The output canvas already has a context/),
      'page for weights': expect.stringMatching(/^weights: .* is an HTML page, not a weight file/),
    });
  });
});
