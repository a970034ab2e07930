import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeAll, describe, expect, it, vi } from 'vitest';
import { tunePhotos } from '../../src/bench/node/tune-photos';
import { tuneNetwork } from '../../src/bench/tune-network';
import { Enhancer } from '../../src/enhance/enhancer';
import { readNetwork } from '../../src/enhance/folded-network';
import type { Gpu } from '../../src/gpu/types';
import { readTuning } from '../../src/kernels/node/tuned';
import { policyFor } from '../../src/kernels/policy';
import { policyOf, withPolicy } from '../../src/kernels/tuned-gpu';
import { encodeWeights } from '../../src/model';
import { bilateralConfig } from '../../src/model/bilateral/config';
import { initialBilateralWeights } from '../../src/model/bilateral/initialise';
import { randomImage } from '../enhance/support';
import { openTestGpu } from '../support/gpu';

const config = bilateralConfig({ width: 4, viewSize: 32, gridSize: 8, levels: 8, guideWidth: 5 });
const weights = encodeWeights(initialBilateralWeights(config, 1), config);

let gpu: Gpu;
beforeAll(async () => {
  const opened = await openTestGpu();
  gpu = withPolicy(opened, policyFor({ ...opened.traits, isSoftware: false }));
});

/** A clock that advances by a fixed amount at every reading. */
const ticking = (ms: number) => {
  let now = 0;
  return {
    wall: () => {
      now += ms;
      return now;
    },
  };
};

describe('tunePhotos', () => {
  it('races once per adapter, keeps the result for photos, and leaves software adapters alone', async () => {
    const cache = await mkdtemp(join(tmpdir(), 'glocal-test-'));
    vi.stubEnv('XDG_CACHE_HOME', cache);
    try {
      const real: Gpu = Object.create(gpu, {
        traits: { value: { ...gpu.traits, isSoftware: false, device: 'imagined' } },
      });
      const [enhancer, software] = await Promise.all(
        [real, gpu].map((on) => Enhancer.create({ gpu: on, model: weights })),
      );
      expect(await tunePhotos(software!, ticking(1))).toBe(false);
      expect(await tunePhotos(enhancer!, ticking(1))).toBe(true);
      expect((await readTuning(real.traits, 'photos'))?.policy).toEqual(policyFor(real.traits));
      expect(await readTuning(real.traits)).toBeNull();
      expect(await tunePhotos(enhancer!, ticking(1))).toBe(false);
      await Promise.all([enhancer!.dispose(), software!.dispose()]);
    } finally {
      vi.unstubAllEnvs();
      await rm(cache, { recursive: true });
    }
  });
});

describe('tuneNetwork', () => {
  it('keeps the choice if nothing is faster, or if a race would take too long', async () => {
    const network = readNetwork(weights, 'test');
    expect(await tuneNetwork(gpu, network, ticking(1))).toEqual(policyOf(gpu));
    expect(await tuneNetwork(gpu, network, ticking(1000))).toEqual(policyOf(gpu));
  });

  it('keeps pictures bit-identical, whatever wins', async () => {
    // The measured spans depend on the order of readings, so something may win.
    let looks = 0;
    let now = 0;
    const favoursOthers = {
      wall: () => {
        now += looks++ % 4 < 2 ? 10 : 1;
        return now;
      },
    };
    const image = randomImage(60, 40);
    const enhancer = await Enhancer.create({ gpu, model: weights });
    const before = await enhancer.run(image);
    let chosen = policyOf(gpu);
    await enhancer.tune(async (on, network) => {
      chosen = await tuneNetwork(on, network, favoursOthers);
      return chosen;
    });
    expect([...chosen.gather].sort()).toEqual(expect.arrayContaining([...policyOf(gpu).gather].sort()));
    expect(await enhancer.run(image)).toEqual(before);
    await enhancer.tune(async (on) => ({ ...policyOf(on), gather: ['direct', 'workgroup'] }));
    const { data } = await enhancer.run(image);
    data.forEach((value, at) => {
      expect(Math.abs(value - before.data[at]!)).toBeLessThanOrEqual(1);
    });
    await enhancer.dispose();
  });
});
