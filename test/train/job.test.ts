import { mkdtempSync, readdirSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { openPairs } from '../../src/data/node/pairs';
import { listScenes } from '../../src/data/node/scenes';
import { splitScenes } from '../../src/data/split';
import { DEFAULT_SYNTHESIS } from '../../src/data/synthesis-config';
import { DeviceLostError } from '../../src/errors';
import { openNodeGpu } from '../../src/gpu/node/dawn';
import { networkConfig } from '../../src/model/config';
import type { RunConfig } from '../../src/train/config';
import type { RunOutput } from '../../src/train/job';
import { parseLog } from '../../src/train/log';
import { trainInNode } from '../../src/train/node/node-harness';
import { RunFolder } from '../../src/train/node/run-folder';
import { DivergenceError, runJob } from '../../src/train/run';
import { writeScenes } from './scenes';

const config: RunConfig = {
  network: networkConfig({ width: 4, globalWidth: 4, globalSize: 32 }),
  synthesis: { ...DEFAULT_SYNTHESIS, patch: 32 },
  batch: 2,
  schedule: { rate: 0.002, warmup: 0, steps: 12 },
  seed: 3,
  scenes: { train: [], validation: [] },
  validation: { pairs: 1, size: 32, seed: 1 },
};

let root: string;
let folder: RunFolder;
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'glocal-job-'));
  folder = new RunFolder(join(root, 'run'));
  folder.begin({ config });
});
afterEach(() => {
  folder.close();
  rmSync(root, { recursive: true, force: true });
});

const scenes = () => join(root, 'scenes');
const log = () => parseLog(readFileSync(join(root, 'run', 'log.jsonl'), 'utf8'));

async function run(
  changes: { rate?: number; signal?: AbortSignal },
  onNotice: (message: string) => void = () => {},
) {
  const { training, validation } = splitScenes(await listScenes(scenes()));
  const { rate = 0.002, signal = new AbortController().signal } = changes;
  return trainInNode({
    config: { ...config, schedule: { ...config.schedule, rate } },
    cadence: { validateEvery: 0, checkpointEvery: 1, checkpointMinutes: 0, lossEvery: 1 },
    training,
    validation,
    checkpoint: undefined,
    workers: 0,
    output: folder,
    signal,
    onNotice,
  });
}

describe('a run', () => {
  test('that diverges stops with a report, and every checkpoint it keeps is finite', async () => {
    writeScenes(scenes(), ['a', 'b']);
    await expect(run({ rate: 1e30 })).rejects.toThrow(DivergenceError);
    expect(log().at(-1)).toMatchObject({
      event: 'diverged',
      message: expect.stringMatching(/^The loss of step \d+ is \w+ \(learning rate \d.*; losses before it: /),
    });
    for (const name of readdirSync(join(root, 'run', 'checkpoints'))) {
      const { state } = new RunFolder(join(root, 'run')).read(name);
      for (const { data } of state.values()) expect(data.every(Number.isFinite)).toBe(true);
    }
    expect(readdirSync(join(root, 'run'))).not.toContain('weights.safetensors');
  });

  test('that is asked to stop writes a checkpoint and reports its step', async () => {
    writeScenes(scenes(), ['a', 'b']);
    const controller = new AbortController();
    setTimeout(() => controller.abort(), 0);
    const result = await run({ signal: controller.signal });
    expect(result.interrupted).toBe(true);
    expect(log().at(-1)).toMatchObject({ event: 'interrupted', step: result.step });
    const [start] = log();
    const { flopsPerStep, peak } = start && 'work' in start ? start.work! : { flopsPerStep: 0, peak: 0 };
    expect(Math.min(flopsPerStep, peak)).toBeGreaterThan(1e6);
    expect(folder.latest({ ...config })?.meta.step).toBe(result.step);
  });

  test('whose device is lost fails at once, whatever it waits for', async () => {
    writeScenes(scenes(), ['a', 'b']);
    const gpu = await openNodeGpu();
    const pairs = openPairs({
      scenes: await listScenes(scenes()),
      ...{ seed: config.seed, config: config.synthesis, workers: 0, onNotice: () => {} },
    });
    const steps: number[] = [];
    const output: RunOutput = {
      log: async (line) => {
        if (!('loss' in line)) return;
        steps.push(line.step);
        // From here on nothing is read that could reveal the loss.
        if (line.step === 3) gpu.device.destroy();
        if (line.step >= 3) await new Promise(() => {});
      },
      checkpoint: async () => {},
      best: async () => {},
      final: async () => {},
    };
    const cadence = { validateEvery: 0, checkpointEvery: 0, checkpointMinutes: 0, lossEvery: 1 };
    await expect(
      runJob(gpu, { config, cadence, pairs, output, runtime: 'a test', onNotice: () => {} }),
    ).rejects.toThrow(DeviceLostError);
    expect(steps).toEqual([1, 2, 3]);
  });

  test('leaves out scenes that cannot be used, naming each once', async () => {
    writeScenes(scenes(), ['good1', 'good2', 'good3', 'cut', 'dark']);
    truncateSync(join(scenes(), 'cut.hdr'), 3000);
    writeFileSync(join(scenes(), 'text.hdr'), 'These are notes, not light.');
    const dark = readFileSync(join(scenes(), 'dark.hdr'));
    writeFileSync(join(scenes(), 'dark.hdr'), dark.fill(0, dark.indexOf('+X') + 6));
    const said: string[] = [];
    expect(await run({}, (message) => said.push(message))).toMatchObject({ step: 12, interrupted: false });
    for (const name of ['cut', 'text', 'dark']) {
      expect(
        said.filter((message) => message.startsWith(`${name}: left out`)),
        name,
      ).toHaveLength(1);
    }
    expect(said.filter((message) => /^good/.test(message))).toEqual([]);
  });
});
