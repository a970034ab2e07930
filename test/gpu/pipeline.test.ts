import { setTimeout as sleep } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { DeviceLostError } from '../../src/errors';
import { PipelineCache } from '../../src/gpu/pipeline';
import type { Gpu } from '../../src/gpu/types';

test('a device lost while compiling is reported as such, even if the failure comes first', async () => {
  let lose = () => {};
  const device = {
    pushErrorScope: () => {},
    // As in Chrome. Left unhandled, the rejection would end a page, and this test.
    popErrorScope: async () => {
      throw new Error('Instance dropped in popErrorScope');
    },
    createShaderModule: () => ({
      getCompilationInfo: () => {
        lose();
        return new Promise(() => {});
      },
    }),
    createComputePipelineAsync: async () => {
      await sleep(5);
      throw new Error('The instance was dropped.');
    },
  };
  const gpu = { device, isLost: false } as unknown as { isLost: boolean; lost: Promise<unknown> };
  gpu.lost = new Promise<void>((resolve) => {
    lose = resolve;
  }).then(() => {
    gpu.isLost = true;
  });
  const compiled = PipelineCache.of(gpu as unknown as Gpu).get({ name: 'add', code: '' }, {});
  await expect(compiled).rejects.toThrow(DeviceLostError);
});

test('watchers learn how many pipelines are compiled, from zero again once all are', async () => {
  const device = {
    features: new Set(),
    pushErrorScope: () => {},
    popErrorScope: async () => null,
    createShaderModule: () => ({}),
    createComputePipelineAsync: async () => ({}),
  };
  const cache = PipelineCache.of({ device, isLost: false } as unknown as Gpu);
  const compile = (name: string) => cache.get({ name, code: name }, {});
  const seen: string[] = [];
  const watch = () => cache.watch((compiled, total) => seen.push(`${compiled}/${total}`));
  const both = [compile('a'), compile('b')];
  const unwatch = watch();
  await Promise.all([...both, compile('a')]);
  expect(seen).toEqual(['0/2', '1/2', '2/2']);
  await compile('c');
  expect(seen.slice(3)).toEqual(['0/1', '1/1']);
  unwatch();
  await compile('d');
  watch();
  expect(seen).toHaveLength(5);
});
