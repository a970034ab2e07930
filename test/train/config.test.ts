import { describe, expect, test } from 'vitest';
import { FINISHED, FINISHED_TARGET } from '../../src/data/synthesis-config';
import {
  checkRunConfig,
  differences,
  type RunConfig,
  readRunConfig,
  requireSameConfig,
} from '../../src/train/config';
import { config } from './samples';

describe('run configuration', () => {
  test.each([
    [{ synthesis: { ...config.synthesis, patch: 100 } }, /--patch is 100.*multiple of 16/],
    [{ synthesis: { ...config.synthesis, finished: { share: 1, ...FINISHED } } }, /--finished is 1;/],
    [{ accumulate: 2, batch: 5 }, /--accumulate is 2; it must divide the 5 pairs/],
    [{ batch: 1 }, /--batch is 1;/],
    [{ seed: 0.5 }, /--seed/],
    [{ schedule: { ...config.schedule, steps: 0 } }, /--steps is 0/],
    [{ schedule: { ...config.schedule, warmup: -1 } }, /--warmup/],
    [{ schedule: { ...config.schedule, rate: Number.NaN } }, /--lr is NaN/],
  ])('refuses %o', (change, message) => {
    expect(() => checkRunConfig({ ...config, ...change })).toThrow(message);
  });

  test('the defaults pass', () => {
    expect(() => checkRunConfig(config)).not.toThrow();
  });

  test('a run whose targets the device fused is refused when it is read', () => {
    const old: RunConfig = {
      ...config,
      synthesis: Object.assign({}, config.synthesis, { fusion: 'device' }),
    };
    expect(() => readRunConfig(old)).toThrow(/--fusion device, which no longer exists.*--from/);
    expect(readRunConfig(config)).toEqual(config);
  });

  test('older files have the side of the patches under another name', () => {
    const { patch, ...synthesis } = config.synthesis;
    const old = { ...config, synthesis: Object.assign(synthesis, { size: patch }) } as unknown as RunConfig;
    expect(readRunConfig(old)).toEqual(config);
  });

  test('targets finished in the way of a version in between are refused', () => {
    const finish = { ...FINISHED_TARGET, mean: { level: 110, follow: 0 } };
    const target = { ...config.synthesis.target, finish } as unknown as typeof config.synthesis.target;
    expect(() => checkRunConfig({ ...config, synthesis: { ...config.synthesis, target } })).toThrow(
      /finished in a way that this version does not know/,
    );
  });

  test('a different configuration is refused, naming the differences', () => {
    const other: RunConfig = {
      ...config,
      network: { ...config.network, width: 16 },
      scenes: { train: ['a', 'c', 'e'], validation: ['d'] },
    };
    expect(differences(config, structuredClone(config))).toEqual([]);
    expect(differences(config, other)).toEqual([
      'network.width: 8 there, 16 here',
      'scenes.train: b only there, e only here',
    ]);
    expect(() => requireSameConfig('The run in out', config, other)).toThrow(
      /The run in out has a different configuration[\s\S]*network\.width: 8 there, 16 here/,
    );
  });
});
