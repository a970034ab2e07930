import { expect, test } from 'vitest';
import type { Pair } from '../../src/data/pair';
import { DEFAULT_SYNTHESIS } from '../../src/data/synthesis-config';
import { networkConfig } from '../../src/model/config';
import type { RunConfig } from '../../src/train/config';
import type { Job } from '../../src/train/job';
import type { LogLine } from '../../src/train/log';
import { Run } from '../../src/train/run';

/** The loop, with given validations. */

const config: RunConfig = {
  network: networkConfig({ width: 4, globalWidth: 4, globalSize: 32 }),
  synthesis: { ...DEFAULT_SYNTHESIS, patch: 32 },
  batch: 2,
  schedule: { rate: 0.002, warmup: 0, steps: 20 },
  statistics: 3,
  seed: 3,
  scenes: { train: [], validation: [] },
  validation: { pairs: 1, size: 32, seed: 1 },
};
const pair = { size: 1, input: new Uint8Array(3), target: new Uint8Array(3) };

async function run(psnrs: readonly number[], patience: number, resumed?: { step: number; best: number }) {
  const left = [...psnrs];
  const lines: LogLine[] = [];
  const checkpoints: number[] = [];
  const measured: number[] = [];
  const trainer: ConstructorParameters<typeof Run>[1] = {
    adapter: 'none',
    flops: 1,
    step: () => {},
    loss: async () => 1,
    readState: async () => new Map(),
    weightFile: async () => new Uint8Array(),
    validate: async () => left.shift()!,
    measureStatistics: async (batches) => {
      for await (const { input } of batches) measured.push(Math.round(255 * input[0]!));
    },
  };
  const job: Job = {
    config,
    cadence: { validateEvery: 2, checkpointEvery: 100, checkpointMinutes: 0, lossEvery: 1, patience },
    pairs: { make: async (index) => ({ ...pair, input: Uint8Array.of(index, 0, 0) }) as Pair },
    output: {
      log: async (line) => void lines.push(line),
      checkpoint: async (step) => void checkpoints.push(step),
      best: async () => {},
      final: async () => {},
    },
    runtime: 'a test',
    onNotice: () => {},
    ...(resumed && {
      checkpoint: {
        state: new Map(),
        meta: { step: resumed.step, config, best: { step: resumed.best, psnr: 23 } },
      },
    }),
  };
  const result = await new Run(job, trainer, [pair]).run();
  return { result, last: lines.at(-1), checkpoints, measured };
}

test('a run ends early once its patience is over, and keeps what it has', async () => {
  // Best after step 4; then three without a better one.
  const { result, last, checkpoints, measured } = await run([20, 23, 22, 21, 23, 22.5], 3);
  expect(result).toMatchObject({ step: 10, interrupted: false, best: { step: 4, psnr: 23 }, psnr: 22.5 });
  expect(last).toMatchObject({
    event: 'end',
    message: 'ended early: 3 validations without a better one',
  });
  expect(checkpoints).toEqual([10]);
  // Statistics are of the last batches that were trained on; their first pairs are these.
  expect(measured).toEqual([14, 16, 18]);
});

test('resumed in between, it ends at the same step', async () => {
  const { result } = await run([22, 23, 22], 3, { step: 6, best: 4 });
  expect(result.step).toBe(10);
});

test('without patience it continues to the last step', async () => {
  const { result, last } = await run([20, 23, ...Array.from({ length: 9 }, () => 22)], 0);
  expect(result.step).toBe(20);
  expect(last).not.toHaveProperty('message');
});
