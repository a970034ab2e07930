import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { Enhancer } from '../../src/enhance/enhancer';
import { BatchModel } from '../../src/eval/node/batch-model';
import { encodeWeights, networkConfig } from '../../src/model';
import { drhtConfig } from '../../src/model/drht/config';
import { initialDrhtWeights } from '../../src/model/drht/initialise';
import { importWeights } from '../../src/model/import';
import { decodeWeights } from '../../src/model/weights';
import { dumpStep } from '../../src/train/node/dump';
import { planTraining } from '../../src/train/node/plan';
import { RunFolder } from '../../src/train/node/run-folder';
import { trainedState } from '../model/trained-network';
import { Agreement, noisyPicture } from '../onnx/runtime';
import { openTestGpu } from '../support/gpu';
import { writeScenes } from '../train/scenes';

/** A Python that has PyTorch, or null; PYTHON names one. */
function findPython(): string | null {
  const candidates = [process.env.PYTHON, 'python3', '/usr/bin/python3'].filter((name) => name !== undefined);
  const found = candidates.find(
    (name) => spawnSync(name, ['-c', 'import torch, numpy'], { stdio: 'ignore' }).status === 0,
  );
  if (!found) console.error('SKIPPED: no python3 with torch and numpy; examples/pytorch did not run.');
  return found ?? null;
}

const python = findPython();

/** One pixel; odd sides below the view; one side above it and one below. */
const PICTURES = [noisyPicture(1, 1), noisyPicture(53, 37), noisyPicture(141, 70)];

describe.skipIf(!python)('examples/pytorch', { timeout: 240_000 }, () => {
  let folder: string;
  const given = (name: string) => readFile(join(folder, name));

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'glocal-pytorch-'));
    for (const [index, { width, height, data }] of PICTURES.entries()) {
      const header = new TextEncoder().encode(`P6\n${width} ${height}\n255\n`);
      await writeFile(join(folder, `${index}.ppm`), Buffer.concat([header, data]));
    }
    const plain = networkConfig({ width: 2, globalEncoder: false, join: 'C', outputKernel: 1 });
    const drht = drhtConfig({ width: 2 });
    const drhtState = initialDrhtWeights(drht, 1);
    const last = drhtState.get('hdr.output.conv.weight')!.data;
    last.set(last.map((value) => value / 50));
    const files = {
      nano: await readFile('weights/nano.safetensors'),
      instant: await readFile('weights/instant.safetensors'),
      plain: encodeWeights(trainedState(plain), plain),
      drht: encodeWeights(drhtState, drht),
    };
    for (const [name, bytes] of Object.entries(files)) {
      await writeFile(join(folder, `${name}.safetensors`), bytes);
    }
    const script = fileURLToPath(new URL('./round_trip.py', import.meta.url));
    execFileSync(python!, [script, folder], { stdio: 'inherit' });
  }, 120_000);

  afterAll(() => folder && rm(folder, { recursive: true }));

  /** How closely the pictures that PyTorch makes with a model agree with ours. */
  async function agreement(name: string, bytes: Uint8Array): Promise<Agreement> {
    const weights = decodeWeights(bytes, name);
    const gpu = await openTestGpu();
    const result = new Agreement();
    if (weights.config.kind === 'drht') {
      const model = new BatchModel(gpu, name, weights);
      for (const [index, picture] of PICTURES.entries()) {
        const [ours] = await model.run([picture]);
        result.add(ours!.data, await given(`${name}.${index}.out`), picture.data);
      }
      return result;
    }
    const enhancer = await Enhancer.create({ gpu, model: bytes });
    for (const [index, picture] of PICTURES.entries()) {
      const ours = await enhancer.run({ ...picture, channels: 3 });
      result.add(ours.data, await given(`${name}.${index}.out`), picture.data);
    }
    await enhancer.dispose();
    return result;
  }

  test.each(['nano', 'instant', 'plain', 'drht'])('%s gives our pictures', async (name) => {
    const { share, largest, changed } = await agreement(name, await given(`${name}.safetensors`));
    expect(changed).toBeGreaterThan(0.5);
    expect(share).toBeGreaterThanOrEqual(0.9999);
    // DRHT's norms divide by the deviation of a plane, which may be small.
    expect(largest).toBeLessThanOrEqual(name === 'drht' ? 4 : 1);
  });

  test.each(['nano', 'instant', 'plain', 'drht'])(
    "%s comes back from PyTorch's state dict, byte for byte",
    async (name) => {
      const { config, state } = decodeWeights(await given(`${name}.safetensors`), name);
      const back = importWeights(await given(`${name}.back`), name, { ...config });
      const [got, wanted] = [back.state, state].map((tensors) => encodeWeights(tensors, config));
      expect(Buffer.compare(got!, wanted!)).toBe(0);
    },
  );

  test.each(['scratch-local', 'scratch-grid'])('%s, made by PyTorch, runs here', async (name) => {
    const { config, state } = importWeights(await given(`${name}.saved`), name);
    const { share, largest, changed } = await agreement(name, encodeWeights(state, config));
    expect(changed).toBeGreaterThan(0.5);
    expect(share).toBeGreaterThanOrEqual(0.9999);
    expect(largest).toBeLessThanOrEqual(1);
  });

  test('ran every check', async () => {
    const results = (await readdir(folder)).filter((name) => name.endsWith('.out'));
    expect(results).toHaveLength(6 * PICTURES.length);
  });

  test("a dumped training step agrees with PyTorch's in float64", async () => {
    const scenes = join(folder, 'scenes');
    writeScenes(scenes, ['field', 'harbour', 'mill']);
    const request = { data: scenes, resume: false, width: 2, globalWidth: 3, patch: 32, batch: 4, steps: 10 };
    const plan = await planTraining(request, new RunFolder(join(folder, 'run'), console.log));
    const dumped = join(folder, 'dump');
    await dumpStep(plan, { folder: dumped, gradients: true, workers: 0, onNotice: console.log });
    const names = await readdir(dumped);
    expect(names).toContain('pair-003.target.png');
    expect(await readdir(folder)).not.toContain('run');
    const script = fileURLToPath(new URL('./check_step.py', import.meta.url));
    const errors = JSON.parse(execFileSync(python!, [script, dumped], { encoding: 'utf8' }));
    expect(errors.names).toBe(true);
    expect(errors.loss).toBeLessThan(1e-5);
    expect(errors.statistics).toBeLessThan(1e-4);
    expect(errors.gradients).toBeLessThan(1e-2);
    expect(errors.moments).toBeLessThan(1e-2);
    expect(errors.parameters).toBeLessThan(0.05);
  });
});
