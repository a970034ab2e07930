import { describe, expect, it } from 'vitest';
import { AdapterError, DeviceLostError } from '../../src/errors';
import { adapterAdvice, webGpuAdvice } from '../../src/gpu/adapter-advice';
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

  it('requests and uses compatibility mode if there is no other adapter', async () => {
    const asked: (string | undefined)[] = [];
    const device = {} as GPUDevice;
    const adapter = { limits: {}, features: new Set(), info: {}, requestDevice: async () => device };
    const old = {
      requestAdapter: async ({ featureLevel }: { featureLevel?: string }) => {
        asked.push(featureLevel);
        return featureLevel === 'compatibility' ? adapter : null;
      },
    } as unknown as GPU;
    // Fails later because this is no real adapter; what matters is how it was requested.
    await expect(openGpu(old)).rejects.toThrow(TypeError);
    expect(asked).toEqual([undefined, 'compatibility']);
  });

  it.each([
    ['Mozilla/5.0 (X11; Linux x86_64; rv:153.0) Gecko/20100101 Firefox/153.0', /about:support/],
    ['Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 Chrome/156.0.0.0 Safari/537.36', /Vulkan/],
    ['Mozilla/5.0 (Windows NT 10.0; Win64; x64) Chrome/156.0.0.0 Safari/537.36 Edg/156.0', /edge:..gpu/],
    ['Mozilla/5.0 (Linux; Android 14; SM-A145F) Chrome/156.0.0.0 Mobile Safari/537.36', /OpenGL ES/],
    ['Mozilla/5.0 (iPhone; CPU iPhone OS 26_0 like Mac OS X) Version/26.0 Safari/604.1', /iOS/],
    ['Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) Version/26.0 Safari/605.1.15', /macOS/],
    ['', /driver/],
  ])('says in %s what can be done', (agent, words) => {
    expect(adapterAdvice(agent)).toMatch(words);
    expect(webGpuAdvice(agent)).not.toBe('');
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

  it('passes uncaught errors to the given listener', async () => {
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

  it('can be followed by a new one', async () => {
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
