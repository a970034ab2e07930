import { readFile } from 'node:fs/promises';
import { describe, expect, test } from 'vitest';
import { Enhancer } from '../../src/enhance/enhancer';
import { BatchModel } from '../../src/eval/node/batch-model';
import { encodeWeights, networkConfig } from '../../src/model';
import { drhtConfig } from '../../src/model/drht/config';
import { initialDrhtWeights } from '../../src/model/drht/initialise';
import { decodeWeights, type Weights } from '../../src/model/weights';
import { type ExportOptions, exportOnnx } from '../../src/onnx/export';
import { trainedState } from '../model/trained-network';
import { openTestGpu } from '../support/gpu';
import { Agreement, noisyPicture, openInRuntime, type Picture } from './runtime';

/** One pixel; odd sides below the view; one side above it and one below. */
const SIZES = [
  [1, 1],
  [53, 37],
  [141, 70],
] as const;

const options = { version: '0' };

const exported = (bytes: Uint8Array, given: ExportOptions = options) =>
  exportOnnx(decodeWeights(bytes, 'test'), 'test', given);

const shipped = async (name: string) => new Uint8Array(await readFile(`weights/${name}.safetensors`));

const withoutGlobal = async () => {
  const config = networkConfig({ width: 4, globalEncoder: false, outputKernel: 1 });
  return encodeWeights(trainedState(config), config);
};

const MODELS = { nano: () => shipped('nano'), instant: () => shipped('instant'), withoutGlobal };
type ModelName = keyof typeof MODELS;

const made = new Map<string, Promise<Uint8ClampedArray[]>>();

/** Our results for pictures of these sizes; made once. */
function ours(model: ModelName, sizes: readonly (readonly [number, number])[], strength: number) {
  const key = `${model} ${sizes.join(' ')} ${strength}`;
  const results = made.get(key) ?? enhanced();
  made.set(key, results);
  return results;

  async function enhanced() {
    const enhancer = await Enhancer.create({ gpu: await openTestGpu(), model: await MODELS[model]() });
    const pictures: Uint8ClampedArray[] = [];
    for (const [width, height] of sizes) {
      const { data } = await enhancer.run({ ...noisyPicture(width, height), channels: 3 }, { strength });
      pictures.push(data);
    }
    await enhancer.dispose();
    return pictures;
  }
}

/** Runs both on pictures of these sizes. */
async function compare(
  model: ModelName,
  {
    strength = 1,
    sizes = SIZES,
    ...given
  }: { strength?: number; sizes?: readonly (readonly [number, number])[] } & Partial<ExportOptions>,
): Promise<Agreement> {
  const expected = await ours(model, sizes, strength);
  const runtime = await openInRuntime(exported(await MODELS[model](), { ...options, ...given }));
  const agreement = new Agreement();
  for (const [index, [width, height]] of sizes.entries()) {
    const picture = noisyPicture(width, height);
    agreement.add(expected[index]!, await runtime.run(picture, strength), picture.data);
  }
  await runtime.release();
  return agreement;
}

/** Untrained, but for logarithms of light that stay small enough for an exponential. */
function drht(): Weights {
  const config = drhtConfig({ width: 2 });
  const state = initialDrhtWeights(config, 1);
  const last = state.get('hdr.output.conv.weight')!.data;
  last.set(last.map((value) => value / 50));
  return { config, state, info: {} };
}

describe('ONNX Runtime gives the same pictures as ours', { timeout: 240_000 }, () => {
  test.each([
    ['nano', 1],
    ['withoutGlobal', 0.5],
    ['instant', 1],
  ] as const)('%s at strength %f', async (model, strength) => {
    const { share, largest, changed } = await compare(model, { strength });
    expect(changed).toBeGreaterThan(0.9);
    expect(share).toBeGreaterThanOrEqual(0.9999);
    expect(largest).toBeLessThanOrEqual(1);
  });

  test('DRHT, whose norms use the current picture', async () => {
    const weights = drht();
    const runtime = await openInRuntime(exportOnnx(weights, 'test', options));
    const model = new BatchModel(await openTestGpu(), 'test', weights);
    const agreement = new Agreement();
    for (const [width, height] of SIZES) {
      const picture = noisyPicture(width, height);
      const [ours] = await model.run([picture]);
      agreement.add(ours!.data, await runtime.run(picture, 1), picture.data);
    }
    await runtime.release();
    expect(agreement.share).toBeGreaterThanOrEqual(0.9999);
    expect(agreement.largest).toBeLessThanOrEqual(1);
  });
});

describe('options of the export', { timeout: 240_000 }, () => {
  test.each([13, 18, 22])('operators of version %i', async (opset) => {
    const { share } = await compare('instant', { opset });
    expect(share).toBeGreaterThanOrEqual(0.9999);
  });

  test.each(['instant', 'nano'] as const)('%s for one size', async (model) => {
    const fixed = { width: 141, height: 70 };
    const { share } = await compare(model, { fixed, sizes: [[141, 70]] });
    expect(share).toBeGreaterThanOrEqual(0.9999);
    const runtime = await openInRuntime(exported(await MODELS[model](), { ...options, fixed }));
    await expect(runtime.run(noisyPicture(70, 141), 1)).rejects.toThrow(/dimension/i);
    await runtime.release();
  });

  test.each(['instant', 'nano'] as const)('%s in half precision', async (model) => {
    const bytes = await MODELS[model]();
    const half = { ...options, halfPrecision: true };
    expect(exported(bytes, half).length / exported(bytes).length).toBeLessThan(0.6);
    const { mean, largest } = await compare(model, half);
    expect(mean).toBeGreaterThan(0);
    expect(mean).toBeLessThan(0.3);
    expect(largest).toBeLessThanOrEqual(4);
  });

  test('strength 0 gives the photo back, and nothing reaches black or white', async () => {
    const runtime = await openInRuntime(exported(await MODELS.nano()));
    const ends: Picture = { width: 256, height: 1, data: Uint8Array.from({ length: 768 }, (_, k) => k / 3) };
    expect([...(await runtime.run(ends, 0))]).toEqual([...ends.data]);
    const after = await runtime.run(ends, 1);
    expect(after.slice(3, -3).every((value) => value > 0 && value < 255)).toBe(true);
    await runtime.release();
  });

  test('what cannot be exported is refused', async () => {
    const half = { ...options, halfPrecision: true };
    expect(() => exportOnnx(drht(), 'test', half)).toThrow(/DRHT.*half precision/);
    expect(() => exportOnnx(drht(), 'test', { ...options, opset: 9 })).toThrow(
      /opset 9. Give one from 13 to 22/,
    );
    const broken = decodeWeights(await withoutGlobal(), 'test');
    const bias = broken.state.get('output.bias')!.data;
    bias[1] = Number.NaN;
    expect(() => exportOnnx(broken, 'x.safetensors', options)).toThrow(/x.safetensors: output.bias.*finite/);
    bias[1] = 1e5;
    expect(() => exportOnnx(broken, 'x', half)).toThrow(/beyond half precision/);
  });
});
