import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { Enhancer } from '../../src/enhance/enhancer';
import { InputError } from '../../src/errors';
import { planRun, type RunConfig, trainWeights } from '../../src/index-train';
import { networkConfig } from '../../src/model';
import { openTestGpu } from '../support/gpu';
import { writeScenes } from './scenes';

let folder: string;
const scenes: Record<string, Uint8Array> = {};
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'glocal-weights-'));
  const names = ['a', 'b', 'c'];
  writeScenes(folder, names);
  for (const name of names) scenes[name] = readFileSync(join(folder, `${name}.hdr`));
});
afterAll(() => rmSync(folder, { recursive: true }));

/** As small as a recipe can be. */
function tiny(steps: number): RunConfig {
  const planned = planRun(Object.keys(scenes), { size: 'nano', patch: 32, steps });
  return {
    ...planned,
    network: networkConfig({ width: 4, globalWidth: 4, globalSize: 32 }),
    batch: 2,
    statistics: 0,
    validation: { pairs: 1, size: 32, seed: 1 },
  };
}

test("trains in the caller's program, continues where it was stopped, and gives weights that enhance", async () => {
  const gpu = await openTestGpu();
  const losses: number[] = [];
  const stop = new AbortController();
  const first = await trainWeights({
    gpu,
    scenes,
    config: tiny(4),
    signal: stop.signal,
    onLine: (line) => {
      if ('loss' in line) losses.push(line.loss as number);
      if (losses.length === 2) stop.abort();
    },
  });
  expect(first.step).toBeLessThan(4);
  const rest = await trainWeights({ gpu, scenes, config: tiny(4), from: first.checkpoint });
  const whole = await trainWeights({ gpu, scenes, config: tiny(4) });
  expect([rest.step, whole.step]).toEqual([4, 4]);
  expect(Buffer.compare(rest.weights!, whole.weights!)).toBe(0);
  const enhancer = await Enhancer.create({ gpu, model: whole.weights! });
  const { data } = await enhancer.run({
    data: new Uint8Array(192).fill(50),
    width: 8,
    height: 8,
    channels: 3,
  });
  expect(data).toHaveLength(192);
  await enhancer.dispose();
});

test('says what is missing', async () => {
  const gpu = await openTestGpu();
  await expect(trainWeights({} as never)).rejects.toThrow(InputError);
  await expect(trainWeights({ gpu, scenes: {} })).rejects.toThrow(/no \.hdr or \.exr file/);
});
