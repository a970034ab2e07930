import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { listScenes } from '../../src/data/node/scenes';
import { splitScenes } from '../../src/data/split';
import { DEFAULT_SYNTHESIS } from '../../src/data/synthesis-config';
import { psnr } from '../../src/eval/metrics/psnr';
import { networkConfig } from '../../src/model/config';
import { decodeCheckpoint } from '../../src/train/checkpoint';
import type { RunConfig } from '../../src/train/config';
import type { Preview } from '../../src/train/job';
import type { LogLine } from '../../src/train/log';
import { trainInChrome } from '../../src/train/node/chrome-harness';
import type { Harness } from '../../src/train/node/harness';
import { trainInNode } from '../../src/train/node/node-harness';
import { buildTrainPage } from '../support/cli';
import { hasBrowser } from '../support/page';
import { tolerance } from '../tolerance';
import { writeScenes } from './scenes';

const STEPS = 6;
const config: RunConfig = {
  network: networkConfig({ width: 4, globalWidth: 4, globalSize: 32 }),
  synthesis: { ...DEFAULT_SYNTHESIS, patch: 32 },
  batch: 8,
  // The first steps of the default recipe, whose rate rises to 0.002 over 50 steps.
  schedule: { rate: (0.002 * STEPS) / 50, warmup: STEPS, steps: STEPS },
  seed: 11,
  scenes: { train: [], validation: [] },
  validation: { pairs: 2, size: 32, seed: 1 },
};

/** Compiling every kernel in software takes most of it. */
const TIMEOUT = 300_000;

let root: string;
const page = () => join(root, 'page');

beforeAll(async () => {
  root = mkdtempSync(join(tmpdir(), 'glocal-chrome-'));
  writeScenes(join(root, 'scenes'), ['a', 'b', 'c', 'd']);
  await buildTrainPage(page());
});
afterAll(() => rmSync(root, { recursive: true, force: true }));

/** Trains for so many of the steps; the schedule stays. */
async function run(harness: Harness, workers: number, steps = STEPS) {
  const { training, validation } = splitScenes(await listScenes(join(root, 'scenes')));
  const controller = new AbortController();
  const lines: LogLine[] = [];
  const checkpoints: number[] = [];
  const previews: { step: number; made: readonly Preview[] }[] = [];
  const result = await harness({
    config,
    cadence: { validateEvery: 0, checkpointEvery: 3, checkpointMinutes: 0, lossEvery: 1 },
    training,
    validation,
    checkpoint: undefined,
    workers,
    output: {
      log: async (line) => {
        lines.push(line);
        if (line.step >= steps) controller.abort();
      },
      checkpoint: async (step, bytes) => {
        expect(decodeCheckpoint(bytes, 'from the page').meta.step).toBe(step);
        checkpoints.push(step);
      },
      best: async () => {},
      final: async () => {},
      previews: async (step, made) => {
        previews.push({ step, made });
      },
    },
    signal: controller.signal,
    onNotice: () => {},
  });
  const losses = lines.flatMap((line) => ('loss' in line ? [line.loss] : []));
  return { result, losses, checkpoints, previews };
}

describe.runIf(hasBrowser())('training in headless Chrome', () => {
  const inChrome: Harness = (job) => trainInChrome(job, { pageFolder: page() });
  let first: Awaited<ReturnType<typeof run>>;

  test('runs to the end and agrees with Node', { timeout: TIMEOUT }, async () => {
    first = await run(inChrome, 1);
    expect(first.result).toMatchObject({ step: STEPS, interrupted: false });
    expect(first.checkpoints).toEqual([3, STEPS]);
    const node = await run(trainInNode, 0);
    expect(node.losses).toHaveLength(STEPS);
    // A loss is one long sum; every update adds its own error to the steps behind it.
    const terms = config.batch * 3 * config.synthesis.patch ** 2;
    first.losses.forEach((loss, index) => {
      const difference = Math.abs(loss - node.losses[index]!);
      expect(difference, `step ${index + 1}`).toBeLessThan(tolerance(terms * (index + 1), loss));
    });
    expect(first.result.psnr).toBeCloseTo(node.result.psnr!, 1);
    expect(first.previews.map(({ step }) => step)).toEqual([STEPS]);
    first.previews[0]!.made.forEach((preview, index) => {
      const theirs = node.previews[0]!.made[index]!;
      expect([...preview.input]).toEqual([...theirs.input]);
      expect([...preview.target]).toEqual([...theirs.target]);
      expect(psnr(preview.output, theirs.output)).toBeGreaterThan(30);
    });
  });

  test('gives the same bits again, with another number of workers, and stops when asked', {
    timeout: TIMEOUT,
  }, async () => {
    const again = await run(inChrome, 2, 3);
    expect(again.result.interrupted).toBe(true);
    expect(again.losses.length).toBeGreaterThanOrEqual(3);
    expect(again.losses).toEqual(first.losses.slice(0, again.losses.length));
    expect(again.checkpoints.at(-1)).toBe(again.result.step);
  });
});
