import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Evaluation } from '../../src/cli/evaluate';
import { listBundledScenes } from '../../src/data/node/bundled-scenes';
import { sceneSource } from '../../src/data/node/scenes';
import { splitScenes } from '../../src/data/split';
import { DEFAULT_SYNTHESIS } from '../../src/data/synthesis-config';
import { validationPairs } from '../../src/data/validation-set';
import { tinyWeights } from '../enhance/support';
import { type BuiltCli, buildCli } from '../support/cli';

let cli: BuiltCli;
let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'glocal-eval-'));
  await writeFile(join(folder, 'tiny.safetensors'), tinyWeights());
  cli = await buildCli();
});
afterAll(async () => {
  await cli?.remove();
  await rm(folder, { recursive: true, force: true });
});

const evaluate = (...args: string[]) =>
  cli.run(['eval', '--model', join(folder, 'tiny.safetensors'), '--pairs', '3', '--size', '36', ...args]);

describe('glocal eval', () => {
  it('measures input, histogram equalisation and model on held-out scenes, and names them', async () => {
    const { code, stdout } = await evaluate('--json');
    expect(code).toBe(0);
    const evaluation: Evaluation = JSON.parse(stdout);
    const { validation } = splitScenes(await listBundledScenes());
    const names = validation.map(({ name }) => name);
    expect(evaluation.scenes.every((name) => names.includes(name))).toBe(true);
    expect(evaluation.psnr.map(({ method }) => method)).toEqual([
      'input',
      'histogram equalisation',
      expect.stringContaining('tiny'),
    ]);
    const pairs = await validationPairs(validation.map(sceneSource), {
      count: 3,
      seed: 1,
      config: { ...DEFAULT_SYNTHESIS, size: 36 },
      onNotice: () => {},
    });
    const values = pairs.map(({ input, target }) => {
      const squares = input.reduce((sum, value, i) => sum + (value - target[i]!) ** 2, 0);
      return 10 * Math.log10((255 ** 2 * input.length) / squares);
    });
    const mean = (values[0]! + values[1]! + values[2]!) / 3;
    expect(evaluation.psnr[0]!.mean).toBeCloseTo(mean, 9);
    const deviation = Math.hypot(...values.map((value) => value - mean)) / Math.SQRT2;
    expect(evaluation.psnr[0]!.deviation).toBeCloseTo(deviation, 9);
    for (const score of evaluation.psnr) expect(score.mean).toBeGreaterThan(0);
  });

  it('refuses a folder without scenes', async () => {
    const { code, stdout, stderr } = await evaluate('--data', folder);
    expect([code, stdout]).toEqual([1, '']);
    expect(stderr).toMatch(/no HDR files/);
  });
});
