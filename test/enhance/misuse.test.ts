import { readFileSync } from 'node:fs';
import sharp from 'sharp';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { Enhancer } from '../../src/enhance/enhancer';
import type { EnhancerOptions, RunOptions } from '../../src/enhance/enhancer-options';
import { type EnhanceBytesOptions, enhanceBytes } from '../../src/enhance/node/enhance-file';
import type { ImageSource } from '../../src/enhance/sources';
import { ERROR_CODES, GlocalError, InputError } from '../../src/errors';
import { openNodeGpu } from '../../src/gpu/node/dawn';
import type { Gpu } from '../../src/gpu/types';
import * as web from '../../src/index';
import * as node from '../../src/index-node';
import { randomImage, tinyWeights } from './support';

/** An arbitrary value from an untyped caller. */
const anything = (value: unknown) => value as never;

let gpu: Gpu;
let enhancer: Enhancer;
beforeAll(async () => {
  gpu = await openNodeGpu();
  enhancer = await Enhancer.create({ gpu, model: tinyWeights() });
});
afterAll(async () => {
  await enhancer?.dispose();
  gpu?.destroy();
});

const image = randomImage(12, 8);

describe('unusable arguments are named', () => {
  test.each<[string, unknown]>([
    ['nothing', undefined],
    ['null', null],
    ['no model', {}],
    ['null as model', { model: null }],
    ['a number as model', { model: 5 }],
    ['a device that is none', { model: 'nano', device: {} }],
    ['null as device', { model: 'nano', device: null }],
    ['a gpu that is none', { model: 'nano', gpu: {} }],
    ['a policy that is none', { model: 'nano', policy: {} }],
  ])('create: %s', async (_, options) => {
    await expect(Enhancer.create(options as EnhancerOptions)).rejects.toBeInstanceOf(InputError);
  });

  test.each<[string, unknown]>([
    ['null', null],
    ['undefined', undefined],
    ['a string', 'photo.jpg'],
    ['a number', 3],
    ['an empty object', {}],
    ['pixels as a list', { data: [1, 2, 3, 4], width: 1, height: 1 }],
  ])('run: %s', async (_, given) => {
    await expect(enhancer.run(given as ImageSource)).rejects.toBeInstanceOf(InputError);
  });

  test.each<[string, unknown]>([
    ['null', null],
    ['inPlace as text', { inPlace: 'yes' }],
    ['onProgress as text', { onProgress: 'yes' }],
    ['onCompile as text', { onCompile: 'yes' }],
    ['strength null', { strength: null }],
    ['strength NaN', { strength: Number.NaN }],
    ['strength as text', { strength: '1' }],
    ['strength 2', { strength: 2 }],
  ])('options of a run: %s', async (_, options) => {
    await expect(enhancer.run(image, options as RunOptions)).rejects.toBeInstanceOf(InputError);
  });

  test.each<[string, unknown]>([
    ['format bmp', { format: 'bmp' }],
    ['quality NaN', { quality: Number.NaN }],
    ['quality 0', { quality: 0 }],
    ['quality null', { quality: null }],
  ])('enhanceBytes: %s', async (_, options) => {
    const photo = await sharp(image.data, { raw: { width: 12, height: 8, channels: 4 } })
      .png()
      .toBuffer();
    await expect(enhanceBytes(enhancer, photo, options as EnhanceBytesOptions)).rejects.toBeInstanceOf(
      InputError,
    );
  });

  test('enhanceBytes does not treat a string as a path', async () => {
    for (const path of ['/etc/hostname', 'examples/meadow.jpg'])
      await expect(enhanceBytes(enhancer, anything(path))).rejects.toThrow(/must be the bytes/);
  });
});

describe('no misuse of an export ends in an error without a code', () => {
  const arguments_: readonly unknown[][] = [
    ...[[], [null], [5], [{}], ['nothing-here'], [{}, null], [{}, {}], [null, 'a.jpg', 'b.jpg']],
    [new Uint8Array(3), 5, 5],
  ];
  const functions = [...Object.entries(node), ...Object.entries(web)].filter(
    ([, value]) => typeof value === 'function' && !/^class\b/.test(String(value)),
  );

  test.each(functions)('%s', async (name, value) => {
    for (const given of arguments_) {
      // These open a device, as intended.
      if (name === 'openNodeGpu' && given[0] !== null && given[0] !== 5) continue;
      try {
        await (value as (...given: unknown[]) => unknown)(...given);
      } catch (error) {
        expect(error, `${name}(${JSON.stringify(given)})`).toBeInstanceOf(GlocalError);
      }
    }
  });
});

describe('the codes of errors', () => {
  test('are all in docs/api.md, with a line for each', () => {
    const text = readFileSync(new URL('../../docs/api.md', import.meta.url), 'utf8');
    const table = text.slice(text.indexOf('| code |'));
    const listed = [...table.matchAll(/^\| `([\w-]+)` \|/gm)].map(([, code]) => code);
    expect(listed).toEqual([...ERROR_CODES]);
  });

  test('tell the exported classes apart', () => {
    const classes = Object.values(node).filter(
      (value): value is typeof GlocalError =>
        typeof value === 'function' && (value === GlocalError || value.prototype instanceof GlocalError),
    );
    expect(classes.length).toBeGreaterThan(10);
    const codes = classes.map((type) => new type('a message').code);
    expect(new Set(codes).size).toBe(codes.length);
    for (const code of codes) expect(ERROR_CODES).toContain(code);
    expect(new InputError('gone', { code: 'disposed' }).code).toBe('disposed');
  });
});

test('a queued run is not affected by later changes to the pixels', async () => {
  const expected = await enhancer.run(image);
  const given = { ...image, data: image.data.slice() };
  const first = enhancer.run(randomImage(40, 40));
  const second = enhancer.run(given);
  given.data.fill(0);
  await first;
  expect(await second).toEqual(expected);
});
