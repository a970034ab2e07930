import { expect, test } from 'vitest';
import { encodeParams } from '../../src/gpu/params';
import type { AdapterTraits } from '../../src/gpu/types';
import { lower } from '../../src/graph';
import { networkConfig } from '../../src/model/config';
import type { ModelConfig } from '../../src/model/model-config';
import { trainingGraph } from '../../src/train/training-graph';

const limits = {
  maxBufferSize: 2 ** 28,
  maxStorageBufferBindingSize: 2 ** 27,
  maxComputeWorkgroupsPerDimension: 65535,
  maxComputeInvocationsPerWorkgroup: 256,
};
const networks: ModelConfig[] = [networkConfig({ width: 32, globalWidth: 32 }), { kind: 'drht', width: 4 }];

test.each([
  [true, 8],
  [true, 4],
  [true, 0],
  [false, 32],
])(
  'every call of a training gives the parameters of its shader, software %s, lanes %i',
  (isSoftware, lanes) => {
    const traits = { isSoftware, subgroupSize: lanes, limits } as AdapterTraits;
    for (const network of networks) {
      const { graph, loss } = trainingGraph({ network, batch: 4, patch: 64, accumulate: 2 });
      const { calls } = lower(graph, [loss], traits);
      expect(calls.length).toBeGreaterThan(100);
      for (const call of calls) expect(() => encodeParams(call)).not.toThrow();
    }
  },
);
