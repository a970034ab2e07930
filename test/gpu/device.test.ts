import { describe, expect, it } from 'vitest';
import { AdapterError, DeviceLostError } from '../../src/errors';
import { createStorageBuffer, finished, readBuffer } from '../../src/gpu/buffers';
import { record } from '../../src/gpu/command-list';
import { isSoftware, openGpu } from '../../src/gpu/device';
import { openNodeGpu } from '../../src/gpu/node/dawn';

describe('openGpu', () => {
  it('says that there is no WebGPU', async () => {
    await expect(openGpu(undefined)).rejects.toThrow(AdapterError);
    await expect(openGpu(undefined)).rejects.toThrow('has no WebGPU');
  });

  it('says that there is no adapter', async () => {
    const blind = { requestAdapter: async () => null } as unknown as GPU;
    await expect(openGpu(blind)).rejects.toThrow('found no graphics adapter');
  });

  it('names the limit that is missing', async () => {
    const opened = openNodeGpu({ requiredLimits: { maxComputeInvocationsPerWorkgroup: 1 << 20 } });
    await expect(opened).rejects.toThrow(AdapterError);
    await expect(opened).rejects.toThrow('maxComputeInvocationsPerWorkgroup');
  });

  it('fills the traits from the adapter', async () => {
    const gpu = await openNodeGpu();
    const { traits } = gpu;
    expect(traits.limits.maxComputeInvocationsPerWorkgroup).toBe(
      gpu.device.limits.maxComputeInvocationsPerWorkgroup,
    );
    expect(traits.limits.maxStorageBuffersPerShaderStage).toBeLessThanOrEqual(10);
    expect(traits.features).toEqual([...gpu.device.features].sort());
    if (!traits.features.includes('subgroups')) expect(traits.subgroupSize).toBe(0);
    gpu.destroy();
  });

  it('hands errors that nobody caught to the one who asked for them', async () => {
    const errors: string[] = [];
    const gpu = await openNodeGpu({ onUncapturedError: (error) => errors.push(error.message) });
    gpu.device.createBuffer({ size: 16, usage: 0 });
    await finished(gpu);
    await expect.poll(() => errors.length, { timeout: 60_000 }).toBe(1);
    expect(errors[0]).toContain('usage');
    gpu.destroy();
  });
});

describe('a lost device', () => {
  it('rejects the read in flight and every later one', async () => {
    const gpu = await openNodeGpu();
    const buffer = await createStorageBuffer(gpu, 1 << 20);
    const list = await record(gpu, []);
    const inFlight = readBuffer(gpu, buffer);
    gpu.destroy();
    await expect(inFlight).rejects.toThrow(DeviceLostError);
    expect(gpu.isLost).toBe(true);
    await expect(readBuffer(gpu, buffer)).rejects.toThrow(DeviceLostError);
    await expect(finished(gpu)).rejects.toThrow(DeviceLostError);
    await expect(createStorageBuffer(gpu, 16)).rejects.toThrow(DeviceLostError);
    expect(() => list.submit()).toThrow(DeviceLostError);
  });

  it('leaves the way free for a new one', async () => {
    (await openNodeGpu()).destroy();
    const gpu = await openNodeGpu();
    expect((await readBuffer(gpu, await createStorageBuffer(gpu, 16))).byteLength).toBe(16);
    gpu.destroy();
  });
});

describe('isSoftware', () => {
  const info = (change: Partial<GPUAdapterInfo>) =>
    ({
      vendor: '',
      architecture: '',
      device: '',
      description: '',
      isFallbackAdapter: false,
      ...change,
    }) as GPUAdapterInfo;

  it.each([
    [info({ description: 'SwiftShader Device (Subzero)' }), true],
    [info({ description: 'llvmpipe (LLVM 15.0.6, 256 bits)' }), true],
    [info({ isFallbackAdapter: true }), true],
    [info({ vendor: 'apple', architecture: 'metal-3' }), false],
    [info({ vendor: 'nvidia', description: 'NVIDIA Warped 3000' }), false],
  ])('case %#', (adapter, expected) => expect(isSoftware(adapter)).toBe(expected));
});
