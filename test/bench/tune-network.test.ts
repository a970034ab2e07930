import { beforeAll, describe, expect, it } from 'vitest';
import { tuneNetwork } from '../../src/bench/tune-network';
import { Enhancer } from '../../src/enhance/enhancer';
import { readNetwork } from '../../src/enhance/folded-network';
import type { Gpu } from '../../src/gpu/types';
import { policyFor } from '../../src/kernels/policy';
import { policyOf, withPolicy } from '../../src/kernels/tuned-gpu';
import { encodeWeights } from '../../src/model';
import { bilateralConfig } from '../../src/model/bilateral/config';
import { initialBilateralWeights } from '../../src/model/bilateral/initialise';
import { judgeSubmits } from '../enhance/fake-gpu';
import { randomImage } from '../enhance/support';
import { openTestGpu } from '../support/gpu';

const config = bilateralConfig({ width: 4, viewSize: 32, gridSize: 8, levels: 8, guideWidth: 5 });
const weights = encodeWeights(initialBilateralWeights(config, 1), config);

let gpu: Gpu;
beforeAll(async () => {
  const opened = await openTestGpu();
  gpu = withPolicy(opened, policyFor({ ...opened.traits, isSoftware: false }));
});

/** A clock by which every look takes so long. */
const ticking = (ms: number) => {
  let now = 0;
  return {
    wall: () => {
      now += ms;
      return now;
    },
  };
};

describe('tuneNetwork', () => {
  it('keeps the choice where nothing is quicker, or where a race would take too long', async () => {
    const network = readNetwork(weights, 'test');
    expect(await tuneNetwork(gpu, network, ticking(1))).toEqual(policyOf(gpu));
    expect(await tuneNetwork(gpu, network, ticking(1000))).toEqual(policyOf(gpu));
  });

  it('takes what is quicker and has the same bits, so that pictures stay the same', async () => {
    // Time passes with what is submitted, more of it for the kernels in use than for any others.
    let now = 0;
    let inUse: number | undefined;
    const slow = judgeSubmits(gpu, (load) => {
      inUse ??= load;
      now += load === inUse ? 20 : 8;
      return 'run';
    });
    const policy = policyOf(gpu);
    const chosen = await tuneNetwork(withPolicy(slow, policy), readNetwork(weights, 'test'), {
      wall: () => now,
    });
    expect(policy.gather[0]).toBe('workgroup');
    expect(chosen).not.toEqual(policy);

    const image = randomImage(60, 40);
    const enhancer = await Enhancer.create({ gpu, model: weights });
    const before = await enhancer.run(image);
    await enhancer.tune(async () => chosen);
    expect(await enhancer.run(image)).toEqual(before);
    await enhancer.dispose();
  });
});
