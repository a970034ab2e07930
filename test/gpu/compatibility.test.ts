import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { create } from 'webgpu';
import { memoryBudget } from '../../src/enhance/memory-budget';
import { fromDevice } from '../../src/gpu/device';
import { findBundle } from '../../src/gpu/node/bundled';
import { driverOfProcess, SLOW_ON_SWIFTSHADER } from '../../src/gpu/node/drivers';
import type { Gpu } from '../../src/gpu/types';
import { Enhancer } from '../../src/index';
import { policyFor } from '../../src/kernels/policy';
import { withPolicy } from '../../src/kernels/tuned-gpu';
import { randomImage, tinyWeights } from '../enhance/support';
import { allCases } from '../kernels/all-cases';
import { openTestGpu } from '../support/gpu';
import { traitsOf } from '../support/traits';

/** Some whose workgroups have more than 128 lanes where the device allows it; all cases by GLOCAL_ALL_CASES=1. */
const CHOOSES_LANES =
  /\(workgroup\).*-> 33,|^loss|tiles have the bits of the whole by the kernels|^4 channels/i;
const isMeant = (name: string): boolean => Boolean(process.env.GLOCAL_ALL_CASES) || CHOOSES_LANES.test(name);

/** A device with the limits that compatibility mode promises, and no more. */
describe('a device of compatibility mode', () => {
  // Dawn calls into an instance after its last device is gone.
  const instance = create([`disable-dawn-features=${SLOW_ON_SWIFTSHADER}`]);
  let gpu: Gpu;

  beforeAll(async () => {
    // Compiles the kernels for GPUs quicker than lavapipe.
    if (findBundle()) process.env.GLOCAL_DRIVER = 'swiftshader';
    // Loads the driver, which the new instance then finds by these variables.
    await openTestGpu();
    Object.assign(process.env, (await driverOfProcess()).environment);
    const adapter = await instance.requestAdapter({ featureLevel: 'compatibility' });
    gpu = fromDevice(await adapter!.requestDevice());
  });
  afterAll(() => gpu?.destroy());

  it('has 128 lanes in a workgroup, 16 KiB, 8 buffers', () => {
    expect(gpu.traits.limits).toMatchObject({
      maxComputeInvocationsPerWorkgroup: 128,
      maxComputeWorkgroupStorageSize: 16384,
      maxStorageBuffersPerShaderStage: 8,
    });
  });

  it('gives the same results, with the GPU kernels of the widest tiles', async () => {
    const gpuPolicy = { ...policyFor({ ...gpu.traits, isSoftware: false }), gatherWorkgroups: 1 };
    const image = randomImage(70, 50);
    const wide = tinyWeights();
    const enhance = async (on: Gpu) => {
      const enhancer = await Enhancer.create({ gpu: withPolicy(on, gpuPolicy), model: wide });
      const { data } = await enhancer.run(image);
      await enhancer.dispose();
      return data;
    };
    expect(await enhance(gpu)).toEqual(await enhance(await openTestGpu()));
  });

  const meant = Object.entries(allCases).flatMap(([subject, cases]) =>
    cases.filter(({ name }) => isMeant(name)).map(({ name, run }) => ({ name: `${subject}: ${name}`, run })),
  );
  it.each(meant)('$name', ({ run }) => run(gpu));
});

describe('memoryBudget', () => {
  it('depends on the machine and the device', () => {
    const traits = traitsOf(false, 0);
    const holding = (maxBufferSize: number) => ({ limits: { ...traits.limits, maxBufferSize } });
    const large = holding(2 ** 32);
    expect(memoryBudget(large, undefined)).toBe(2 ** 29);
    expect(memoryBudget(large, 8)).toBe(2 ** 29);
    expect(memoryBudget(large, 4)).toBe(2 ** 28);
    expect(memoryBudget(large, 0.25)).toBe(96 * 2 ** 20);
    expect(memoryBudget(holding(2 ** 26), undefined)).toBe(2 ** 27);
  });
});
