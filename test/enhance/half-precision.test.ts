import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import sharp from 'sharp';
import { beforeAll, describe, expect, it } from 'vitest';
import { BilateralModel } from '../../src/enhance/bilateral-model';
import type { FoldedNetwork } from '../../src/enhance/folded-network';
import { LocalGlobalModel } from '../../src/enhance/local-global-model';
import { NodeEnhancer } from '../../src/enhance/node/enhancer';
import { LocalProgram } from '../../src/enhance/programs';
import { AdapterError, InputError, WeightsError } from '../../src/errors';
import { describe as nameOf } from '../../src/gpu/device';
import { openNodeGpu } from '../../src/gpu/node/dawn';
import type { Gpu } from '../../src/gpu/types';
import { encodeWeights, foldBatchNorm, initialWeights } from '../../src/model';
import { bilateralConfig } from '../../src/model/bilateral/config';
import { openTestGpu } from '../support/gpu';
import { randomArray } from '../support/random';
import { checkExactTiles } from './exact-tiles.cases';
import { randomImage, TINY, tinyWeights } from './support';

const EXAMPLES = fileURLToPath(new URL('../../examples/', import.meta.url));
const photos = readdirSync(EXAMPLES).filter((name) => name.endsWith('.jpg'));

/** Side of the photos in pixels: enough for every level, and quick in software. */
const SIDE = 192;

/** As in the kernels' tests. */
const ALL = Boolean(process.env.GLOCAL_ALL_CASES);

const probe = await openNodeGpu();
const canHalf = probe.device.features.has('shader-f16');
probe.destroy();
if (!canHalf) {
  console.error(`SKIPPED: ${nameOf(probe.traits)} has no shader-f16. Half precision was not tested.`);
}

/** A 16-bit image, so that differences far below one of 255 levels show. */
async function readPhoto(name: string) {
  const pixels = sharp(readFileSync(`${EXAMPLES}${name}`)).resize(SIDE, SIDE, { fit: 'inside' });
  const { data, info } = await pixels.removeAlpha().raw().toBuffer({ resolveWithObject: true });
  const { width, height } = info;
  return { data: Uint16Array.from(data, (value) => 257 * value), width, height, channels: 3 as const };
}

describe.runIf(canHalf)('half precision', () => {
  let gpu: Gpu;
  beforeAll(async () => {
    gpu = await openTestGpu();
  });

  // Software drivers compile the kernels for GPUs, which multiply in f16, for half a minute.
  it.each(ALL ? (['f16', 'f16-arithmetic'] as const) : (['f16'] as const))(
    'with %s stays a tenth of a level from single precision on real photos, and takes half the memory',
    async (precision) => {
      const single = await NodeEnhancer.create({ gpu, model: 'nano' });
      const half = await NodeEnhancer.create({ gpu, model: 'nano', precision });
      expect(photos.length).toBeGreaterThan(3);
      for (const name of photos) {
        const photo = await readPhoto(name);
        const run = async (enhancer: NodeEnhancer) => (await enhancer.run(photo, { finish: false })).data;
        const [want, got] = [await run(single), await run(half)];
        const levels = Array.from(want, (value, i) => Math.abs(value - got[i]!) / 257);
        const worst = levels.reduce((most, value) => Math.max(most, value));
        const mean = levels.reduce((sum, value) => sum + value) / levels.length;
        console.log(
          `${precision}, ${name}: ${mean.toFixed(3)} of 255 levels on average, ${worst.toFixed(2)} at worst`,
        );
        expect(mean).toBeLessThan(0.1);
        expect(levels.filter((value) => value > 1).length).toBeLessThan(levels.length / 2000);
        expect(worst).toBeLessThan(2);
        expect(worst).toBeGreaterThan(0);
      }
      expect(half.deviceBytes / single.deviceBytes).toBeCloseTo(0.5, 2);
      await single.dispose();
      await half.dispose();
    },
  );

  it('is within a level for photos of 8 bits, and says when their values do not fit', async () => {
    const image = randomImage(60, 40);
    const enhance = async (precision: 'f32' | 'f16') => {
      const enhancer = await NodeEnhancer.create({ gpu, model: tinyWeights(), precision });
      const { data } = await enhancer.run(image);
      await enhancer.dispose();
      return data;
    };
    const [want, got] = [await enhance('f32'), await enhance('f16')];
    // Random weights, which use the whole range: rounding matters more than with trained ones.
    want.forEach((value, at) => {
      expect(Math.abs(value - got[at]!)).toBeLessThanOrEqual(3);
    });
    const loud = new Map(initialWeights(TINY, 5));
    const { shape, data } = loud.get('output.weight')!;
    loud.set('output.weight', { shape, data: data.map((value) => 6e4 * Math.sign(value)) });
    const model = encodeWeights(loud, TINY);
    const enhancer = await NodeEnhancer.create({ gpu, model, precision: 'f16' });
    await expect(enhancer.run(image)).rejects.toThrow(WeightsError);
    await enhancer.dispose();
  });

  it('gives the same bits in tiles', async () => {
    await checkExactTiles(gpu, { width: 411, height: 40, config: TINY }, 'f16');
  });

  it('reports weights or values that do not fit', async () => {
    const weights = foldBatchNorm(initialWeights(TINY, 3, { outputScale: 1 }), TINY);
    const scaled = (factor: number) =>
      new Map(
        [...weights].map(([name, { shape, data }]) => {
          const isFirst = name.startsWith('local.0.conv1') || name.startsWith('local.0.conv2');
          return [name, { shape, data: isFirst ? data.map((value) => factor * value) : data }];
        }),
      );
    await expect(run(gpu, scaled(1e6), 'f16')).rejects.toThrow(InputError);
    await expect(run(gpu, scaled(1e3), 'f16')).rejects.toThrow(WeightsError);
    await expect(run(gpu, scaled(1e3), 'f32')).resolves.toBeDefined();
  });
});

async function run(
  gpu: Gpu,
  weights: FoldedNetwork['weights'],
  precision: 'f32' | 'f16',
): Promise<Float32Array> {
  const window = { height: 32, width: 48 };
  const program = await LocalProgram.compile(gpu, { config: TINY, weights }, window, precision);
  try {
    const image = Float32Array.from(randomArray(3 * 32 * 48, 'image', 0, 1));
    return await program.run(image, new Float32Array(TINY.globalWidth));
  } finally {
    program.destroy();
  }
}

it('refuses half precision without the feature, and an invalid tile always, saying what to do', async () => {
  const gpu = await openTestGpu();
  const features = new Set([...gpu.device.features].filter((feature) => feature !== 'shader-f16'));
  const device = new Proxy(gpu.device, {
    get: (target, key) => {
      if (key === 'features') return features;
      const value: unknown = Reflect.get(target, key, target);
      return typeof value === 'function' ? value.bind(target) : value;
    },
  });
  const without: Gpu = Object.create(gpu, { device: { value: device } });
  const network = { config: TINY, weights: new Map() };
  expect(() => new LocalGlobalModel(without, network, 'auto', 'f16')).toThrow(AdapterError);
  const grid = { config: bilateralConfig(), weights: new Map() };
  expect(() => new BilateralModel(without, grid, 'auto', 'f16')).toThrow(AdapterError);
  for (const tile of [0, -3, Number.NaN]) {
    expect(() => new BilateralModel(gpu, grid, tile)).toThrow(/^tile is .*1 pixel or more/);
  }
  const create = NodeEnhancer.create({ gpu: without, model: tinyWeights(), precision: 'f16' });
  await expect(create).rejects.toThrow(/lacks the feature shader-f16. Use "f32"/);
});
