import { describe, expect, test } from 'vitest';
import type { KernelCase } from '../../src/bench/kernel-cases';
import { type Judge, tune } from '../../src/bench/tune';
import { racingJudge } from '../../src/bench/tune-race';
import type { AdapterTraits } from '../../src/gpu/types';
import { elementwiseForward } from '../../src/kernels/elementwise/calls';
import { type KernelPolicy, policyFor } from '../../src/kernels/policy';
import { openTestGpu } from '../support/gpu';

const shipped = policyFor({ isSoftware: true, subgroupSize: 4 } as AdapterTraits);

/** Returns the duration of a policy; a judge compares it with the first. */
const judging =
  (cost: (policy: KernelPolicy, cases: string) => number): Judge =>
  async (cases, policies) => {
    const names = cases.map(({ name }) => name).join();
    return policies.map((policy) => cost(policy, names) / cost(policies[0]!, names));
  };

describe('tune', () => {
  test('keeps every choice that nothing beats by a tenth', async () => {
    const { policy } = await tune(
      shipped,
      judging((p) => (p === shipped ? 1 : 0.95)),
      () => {},
    );
    const { winogradChannels, ...kept } = policy;
    expect(winogradChannels.gather).toBeGreaterThan(10_000);
    expect(kept).toMatchObject({
      weightGradientWorkgroups: shipped.weightGradientWorkgroups,
      workgroup: shipped.workgroup,
      streaming: shipped.streaming,
    });
    expect(kept.gather.filter((family) => family !== 'winograd')).toEqual(
      shipped.gather.filter((family) => family !== 'winograd'),
    );
  });

  test('takes what is faster, decision by decision', async () => {
    const cost = ({ gather, streaming, weightGradientWorkgroups }: KernelPolicy) =>
      (gather.find((family) => family !== 'winograd') === 'direct' ? 1 : 2) *
      Math.abs(Math.log2(streaming.workgroup / 16) || 0.1) *
      Math.abs(Math.log2(weightGradientWorkgroups / 32) || 0.1);
    const { policy, decisions } = await tune(shipped, judging(cost), () => {});
    expect(policy.gather.filter((family) => family !== 'winograd')[0]).toBe('direct');
    expect(policy.streaming.workgroup).toBe(16);
    expect(policy.weightGradientWorkgroups).toBe(32);
    expect(decisions[0]).toMatchObject({ answer: 'direct first', gain: 2 });
  });

  test('uses Winograd’s method from the fewest channels where it still wins', async () => {
    const cost = ({ winogradChannels }: KernelPolicy, cases: string) => {
      const channels = Number(/(\d+)->/.exec(cases)?.[1]);
      const used = winogradChannels[cases.includes('weight') ? 'weightGradient' : 'gather'] <= channels;
      return used && channels >= 64 ? 1 : 2;
    };
    const { policy } = await tune(shipped, judging(cost), () => {});
    expect(policy.gather[0]).toBe('winograd');
    expect(policy.winogradChannels).toEqual({ gather: 64, weightGradient: 64 });
  });
});

describe('the race of policies', () => {
  const clock = { wall: () => performance.now() };
  const paced = (workgroup: number): KernelPolicy => ({
    ...shipped,
    streaming: { ...shipped.streaming, workgroup },
  });

  test('runs equal dispatches once, and gives up on what the adapter cannot do', async () => {
    const gpu = await openTestGpu();
    const sum: KernelCase = {
      name: 'addition',
      build: (context, tensor) => {
        const y = tensor('y', [1, 4, 8, 8], 'output');
        const t = { a: tensor('a', [1, 4, 8, 8]), b: tensor('b', [1, 4, 8, 8]), y };
        return { calls: elementwiseForward(context, 'add', t), output: y };
      },
    };
    const judge = racingJudge(gpu, { clock, rounds: 1, sampleMs: 0 });
    const times = await judge([sum], [paced(4), { ...paced(4) }, paced(8), paced(2 ** 20)]);
    expect(times[0]).toBe(1);
    expect(times[1]).toBe(1);
    expect(times[2]).toBeGreaterThan(0);
    expect(times[3]).toBe(Number.POSITIVE_INFINITY);
  });
});
