import { beforeAll, describe, expect, it } from 'vitest';
import { Enhancer } from '../../src/enhance/enhancer';
import { AbortError, DeviceLostError, UnfinishedError } from '../../src/errors';
import { openNodeGpu } from '../../src/gpu/node/dawn';
import { SubmitBudget } from '../../src/gpu/submit-budget';
import type { Gpu } from '../../src/gpu/types';
import { type KernelPolicy, policyFor } from '../../src/kernels/policy';
import { encodeWeights } from '../../src/model';
import { bilateralConfig } from '../../src/model/bilateral/config';
import { initialBilateralWeights } from '../../src/model/bilateral/initialise';
import { openTestGpu } from '../support/gpu';
import { judgeSubmits } from './fake-gpu';
import { randomImage, tinyWeights } from './support';

const bilateral = bilateralConfig({ width: 4, viewSize: 32, gridSize: 8, levels: 8, guideWidth: 5 });
const MODELS = [
  ['local-global', tinyWeights()],
  ['bilateral-grid', encodeWeights(initialBilateralWeights(bilateral, 1), bilateral)],
] as const;

let gpu: Gpu;
beforeAll(async () => {
  gpu = await openTestGpu();
});

/** An enhancer on a device whose submits are judged. */
function judged(judge: Parameters<typeof judgeSubmits>[1], open: () => Promise<Gpu>) {
  return class extends Enhancer {
    static override readonly platform = {
      ...Enhancer.platform,
      openGpu: async () => judgeSubmits(await open(), judge),
      loadModel: () => Promise.reject(new Error('not asked for')),
    };
  };
}

describe.each(MODELS)('a device that drops work, under a %s network,', (_, model) => {
  it("never returns the previous photo's result: the run fails, the next one is right", async () => {
    // Each compute pass of the run in turn, while the buffers still have the previous photo's result.
    const sound = await Enhancer.create({ gpu, model });
    const [first, second] = [randomImage(40, 30, 'first'), randomImage(40, 30, 'second')];
    const expected = await sound.run(second);
    await sound.dispose();
    let submits = 0;
    let dropped = -1;
    const faulty = judgeSubmits(gpu, () => (submits++ === dropped ? 'drop' : 'run'));
    const enhancer = await Enhancer.create({ gpu: faulty, model });
    await enhancer.run(first);
    const perRun = submits;
    expect(perRun).toBeGreaterThan(1);
    for (let pass = 0; pass < perRun; pass++) {
      [submits, dropped] = [0, pass];
      await expect(enhancer.run(second)).rejects.toThrow(UnfinishedError);
      dropped = -1;
      expect(await enhancer.run(second)).toEqual(expected);
    }
    await enhancer.dispose();
  });
});

describe('bounded submits', () => {
  it('give the same bits as one submit', async () => {
    const image = randomImage(120, 90);
    const enhancer = await Enhancer.create({ gpu, model: tinyWeights() });
    const expected = await enhancer.run(image);
    let submits = 0;
    const counting = judgeSubmits(gpu, () => {
      submits++;
      return 'run';
    });
    SubmitBudget.of(counting).shrink(1e3);
    const bounded = await Enhancer.create({ gpu: counting, model: tinyWeights() });
    expect(await bounded.run(image)).toEqual(expected);
    await bounded.dispose();
    await enhancer.dispose();
    expect(submits).toBeGreaterThan(2);
  });

  it('are smaller, and tiles too, after a watchdog has ended the device: the second try succeeds', async () => {
    const image = randomImage(480, 48);
    // One family of convolutions, so that a workgroup means the same amount of work in tiles of any size.
    const policy: KernelPolicy = { ...policyFor(gpu.traits), gather: ['direct'] };
    const sound = await Enhancer.create({ gpu, policy, model: tinyWeights() });
    const expected = await sound.run(image);
    await sound.dispose();
    const loads: number[] = [];
    let most = Number.POSITIVE_INFINITY;
    const opened: Gpu[] = [];
    const open = async () => {
      opened.push(await openNodeGpu());
      return opened.at(-1)!;
    };
    const Watched = judged((load) => {
      loads.push(load);
      return load > most ? 'die' : 'run';
    }, open);
    const enhancer = await Watched.create({ policy, model: tinyWeights(), tile: 240 });
    await enhancer.run(image);
    // The watchdog allows less time than the longest submit took.
    most = 0.85 * Math.max(...loads);
    await expect(enhancer.run(image)).rejects.toThrow(DeviceLostError);
    loads.length = 0;
    expect(await enhancer.run(image)).toEqual(expected);
    expect(Math.max(...loads)).toBeLessThanOrEqual(most);
    expect(opened.length).toBe(2);
    await enhancer.dispose();
    await opened[1]!.lost;
  });

  it('end within one when the run is stopped', async () => {
    const controller = new AbortController();
    let submits = 0;
    let stopAt = Number.POSITIVE_INFINITY;
    const counting = judgeSubmits(gpu, () => {
      if (++submits === stopAt) controller.abort();
      return 'run';
    });
    SubmitBudget.of(counting).shrink(1e3);
    const image = randomImage(200, 150);
    const enhancer = await Enhancer.create({ gpu: counting, model: tinyWeights() });
    await enhancer.run(image);
    const all = submits;
    [submits, stopAt] = [0, 3];
    await expect(enhancer.run(image, { signal: controller.signal })).rejects.toThrow(AbortError);
    expect(submits).toBeLessThanOrEqual(4);
    expect(all).toBeGreaterThan(5);
    expect((await enhancer.run(image)).data.length).toBe(image.data.length);
    await enhancer.dispose();
  });
});
