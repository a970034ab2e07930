import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { listScenes } from '../../src/data/node/scenes';
import { DEFAULT_SYNTHESIS, FINISHED } from '../../src/data/synthesis-config';
import { networkConfig } from '../../src/model/config';
import { type Checkpoint, decodeCheckpoint } from '../../src/train/checkpoint';
import type { RunConfig } from '../../src/train/config';
import { trainInNode } from '../../src/train/node/node-harness';
import { tolerance } from '../tolerance';
import { writeScenes } from './scenes';

const STEPS = 6;
const config: RunConfig = {
  network: networkConfig({ width: 4, globalWidth: 4, globalSize: 32 }),
  synthesis: { ...DEFAULT_SYNTHESIS, size: 32, finished: { share: 0.25, ...FINISHED } },
  batch: 8,
  // The first steps of the default recipe, whose rate rises to 0.002 over 50 steps.
  schedule: { rate: (0.002 * STEPS) / 50, warmup: STEPS, steps: STEPS },
  seed: 5,
  scenes: { train: [], validation: [] },
  validation: { pairs: 0, size: 32, seed: 1 },
};

let root: string;
beforeAll(() => {
  root = mkdtempSync(join(tmpdir(), 'glocal-fusion-'));
  writeScenes(root, ['a', 'b', 'c']);
});
afterAll(() => rmSync(root, { recursive: true, force: true }));

/** Losses of a run with targets fused there, and the checkpoint of its third step. */
async function run(fusion: 'host' | 'device', accumulate: number, from?: Checkpoint) {
  const losses: number[] = [];
  let third: Checkpoint | undefined;
  await trainInNode({
    config: {
      ...config,
      accumulate,
      synthesis: { ...config.synthesis, ...(fusion === 'device' && { fusion }) },
    },
    cadence: { validateEvery: STEPS, checkpointEvery: 3, checkpointMinutes: 0, lossEvery: 1 },
    training: await listScenes(root),
    validation: [],
    checkpoint: from,
    workers: 0,
    output: {
      log: async (line) => void ('loss' in line && losses.push(line.loss)),
      checkpoint: async (step, bytes) => {
        if (step === 3) third = decodeCheckpoint(bytes, 'step 3');
      },
      best: async () => {},
      final: async () => {},
    },
    signal: new AbortController().signal,
    say: () => {},
  });
  return { losses, third };
}

describe('a run whose targets are fused on the device', () => {
  test.each([1, 2])(
    'has the losses of one fused on the host, and its own again when resumed, in %i parts',
    async (parts) => {
      const host = await run('host', parts);
      const device = await run('device', parts);
      expect(device.losses).toHaveLength(STEPS);
      // A loss is one long sum; every update adds its own error to the steps behind it.
      const terms = config.batch * 3 * config.synthesis.size ** 2;
      device.losses.forEach((loss, index) => {
        const difference = Math.abs(loss - host.losses[index]!);
        expect(difference, `step ${index + 1}`).toBeLessThan(tolerance(terms * (index + 1), loss));
      });
      const resumed = await run('device', parts, device.third);
      expect(resumed.losses).toEqual(device.losses.slice(3));
    },
  );
});
