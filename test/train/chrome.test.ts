import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'vite';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { listScenes } from '../../src/data/node/scenes';
import { splitScenes } from '../../src/data/split';
import { DEFAULT_SYNTHESIS } from '../../src/data/synthesis-config';
import { networkConfig } from '../../src/model/config';
import type { RunConfig } from '../../src/train/config';
import type { LogLine } from '../../src/train/log';
import { trainInChrome } from '../../src/train/node/chrome-harness';
import type { Harness } from '../../src/train/node/harness';
import { trainInNode } from '../../src/train/node/node-harness';
import { hasBrowser } from '../support/page';
import { tolerance } from '../tolerance';
import { writeScenes } from './scenes';

const STEPS = 10;
const config: RunConfig = {
  network: networkConfig({ width: 4, globalWidth: 4, globalSize: 32 }),
  synthesis: { ...DEFAULT_SYNTHESIS, size: 32 },
  batch: 4,
  schedule: { rate: 0.002, warmup: 5, steps: STEPS },
  seed: 11,
  scenes: { train: [], validation: [] },
  validation: { pairs: 2, size: 32, seed: 1 },
};

let root: string;
const page = () => join(root, 'page');

beforeAll(async () => {
  root = mkdtempSync(join(tmpdir(), 'glocal-chrome-'));
  writeScenes(join(root, 'scenes'), ['a', 'b', 'c', 'd']);
  await build({
    configFile: false,
    logLevel: 'error',
    root: fileURLToPath(new URL('../../src/train/page', import.meta.url)),
    base: './',
    worker: { format: 'es' },
    build: { outDir: page(), target: 'es2022' },
  });
});
afterAll(() => rmSync(root, { recursive: true, force: true }));

async function run(harness: Harness, workers: number) {
  const { training, validation } = splitScenes(await listScenes(join(root, 'scenes')));
  const lines: LogLine[] = [];
  const checkpoints: Uint8Array[] = [];
  const result = await harness({
    config,
    cadence: { validateEvery: 5, checkpointEvery: 5, lossEvery: 1 },
    training,
    validation,
    checkpoint: undefined,
    workers,
    output: {
      log: async (line) => void lines.push(line),
      checkpoint: async (_, bytes) => void checkpoints.push(bytes),
      best: async () => {},
      final: async () => {},
    },
    signal: new AbortController().signal,
    say: () => {},
  });
  const losses = lines.flatMap((line) => ('loss' in line ? [line.loss] : []));
  return { result, losses, checkpoints };
}

describe.runIf(hasBrowser())('training in headless Chrome', () => {
  test('gives the same bits twice, and losses that agree with Node', async () => {
    const inChrome: Harness = (job) => trainInChrome(job, { pageFolder: page() });
    const first = await run(inChrome, 1);
    expect(first.losses).toHaveLength(STEPS);
    expect(first.result).toMatchObject({ step: STEPS, interrupted: false });
    const second = await run(inChrome, 2);
    expect(second.losses).toEqual(first.losses);
    expect(second.checkpoints.length).toBe(2);

    const node = await run(trainInNode, 0);
    expect(node.losses).toHaveLength(STEPS);
    // The loss averages over the batch, but an update's error is carried on by every step behind it.
    const terms = config.batch * 3 * config.synthesis.size ** 2;
    first.losses.forEach((loss, index) => {
      const difference = Math.abs(loss - node.losses[index]!);
      expect(difference, `step ${index + 1}`).toBeLessThan(tolerance(terms * (index + 1), loss));
    });
    expect(first.result.psnr).toBeCloseTo(node.result.psnr!, 1);
  });
});
