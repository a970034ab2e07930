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
