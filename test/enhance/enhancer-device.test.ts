import { beforeAll, describe, expect, it } from 'vitest';
import { Enhancer } from '../../src/enhance/enhancer';
import { DeviceLostError, MemoryError } from '../../src/errors';
import { openNodeGpu } from '../../src/gpu/node/dawn';
import type { Gpu } from '../../src/gpu/types';
import { openTestGpu } from '../support/gpu';
import { countBuffers, shortOfMemory } from './fake-gpu';
import { randomImage, randomRaster, tinyWeights } from './support';

let gpu: Gpu;
beforeAll(async () => {
  gpu = await openTestGpu();
});

const create = () => Enhancer.create({ gpu, model: tinyWeights() });

describe("Enhancer and its device's memory, limits and loss", () => {
  it('rejects with DeviceLostError when its device is lost during a photo, and continues on a new one', async () => {
    const opened: Gpu[] = [];
    class OnRecord extends Enhancer {
      static override readonly platform = {
        ...Enhancer.platform,
        openGpu: async () => {
          opened.push(await openNodeGpu());
          return opened.at(-1)!;
        },
        loadModel: () => Promise.reject(new Error('not asked for')),
      };
    }
    const enhancer = await OnRecord.create({ model: tinyWeights(), tile: 240 });
    const image = randomImage(480, 130);
    const compiled: (readonly [number, number])[] = [];
    const expected = await enhancer.run(image, { onCompile: (done, all) => compiled.push([done, all]) });
    expect(compiled.length).toBeGreaterThan(0);
    expect(compiled.every(([done, all]) => done <= all)).toBe(true);
    let tiles = 0;
    const run = enhancer.run(image, { onProgress: () => ++tiles === 2 && opened[0]!.destroy() });
    await expect(run).rejects.toThrow(DeviceLostError);
    expect(opened.length).toBe(1);
    expect(await enhancer.run(image)).toEqual(expected);
    expect(opened.length).toBe(2);
    await enhancer.dispose();
    await opened[1]!.lost;
  });

  it('survives an error of onCompile, and does not replace a device that it was given', async () => {
    const own = await openNodeGpu();
    const enhancer = await Enhancer.create({ gpu: own, model: tinyWeights(), tile: 240 });
    const image = randomImage(640, 150);
    const onCompile = () => {
      throw new Error('of the caller');
    };
    await expect(enhancer.run(image, { onCompile })).rejects.toThrow('of the caller');
    const run = enhancer.run(image, { onProgress: () => own.destroy() });
    await expect(run).rejects.toThrow(DeviceLostError);
    await expect(enhancer.run(image)).rejects.toThrow(/given is lost/);
    await enhancer.dispose();
  });

  it('computes on a bare GPUDevice of the caller, and leaves it alive', async () => {
    const image = randomImage(30, 20);
    const [bare, known] = [
      await Enhancer.create({ device: gpu.device, model: tinyWeights() }),
      await create(),
    ];
    expect(bare.adapter.description).toBe(gpu.traits.description);
    expect(await bare.run(image)).toEqual(await known.run(image));
    await Promise.all([bare.dispose(), known.dispose()]);
    await expect(gpu.device.queue.onSubmittedWorkDone()).resolves.toBeUndefined();
  });

  it('uses smaller tiles when memory runs out, while compiling and while running', async () => {
    // 16 bits, which come back as single precision.
    const image = randomRaster(304, 48, { channels: 4, bits: 16 });
    const whole = await create();
    const expected = await whole.run(image);
    await whole.dispose();
    // Larger buffers fail, as on a device whose memory is in use by others.
    for (const [most, label] of [
      [400_000, ''],
      [200_000, 'read '],
    ] as const) {
      const full = await Enhancer.create({ gpu: shortOfMemory(gpu, most, label), model: tinyWeights() });
      const fractions: number[] = [];
      const result = await full.run(image, { onProgress: (fraction) => fractions.push(fraction) });
      expect(result).toEqual(expected);
      expect(fractions.length).toBeGreaterThan(2);
      expect(fractions).toEqual([...new Set(fractions)].sort((a, b) => a - b));
      await full.dispose();
    }
    const hopeless = await Enhancer.create({ gpu: shortOfMemory(gpu, 10_000, ''), model: tinyWeights() });
    await expect(hopeless.run(image)).rejects.toThrow(MemoryError);
    await hopeless.dispose();
  });

  it('gives back all device memory', async () => {
    const counted = countBuffers(gpu);
    const enhancer = await Enhancer.create({ gpu: counted.gpu, model: tinyWeights(), tile: 240 });
    await enhancer.run(randomImage(400, 100));
    await enhancer.run(randomImage(30, 500));
    expect(counted.bytes()).toBeGreaterThanOrEqual(enhancer.deviceBytes);
    expect(counted.bytes()).toBeLessThan(1.05 * enhancer.deviceBytes + 100_000);
    await enhancer.dispose();
    // The count of submits is the device's.
    expect(counted.bytes()).toBe(16);
  });

  it('uses smaller tiles for a device with small bindings, and reports if even those do not fit', async () => {
    const withLimit = (maxStorageBufferBindingSize: number): Gpu => {
      const traits = { ...gpu.traits, limits: { ...gpu.traits.limits, maxStorageBufferBindingSize } };
      return Object.create(gpu, { traits: { value: traits } });
    };
    const model = tinyWeights();
    const image = randomImage(640, 150);
    const whole = await create();
    const expected = await whole.run(image);
    whole.dispose();
    const small = await Enhancer.create({ gpu: withLimit(2_500_000), model });
    let calls = 0;
    const result = await small.run(image, { onProgress: () => calls++ });
    small.dispose();
    expect(calls).toBeGreaterThan(2);
    expect(result).toEqual(expected);
    const tooSmall = await Enhancer.create({ gpu: withLimit(1_000_000), model });
    await expect(tooSmall.run(randomImage(300, 300))).rejects.toThrow(MemoryError);
    await expect(tooSmall.run(randomImage(300, 300))).rejects.toThrow(/300 x 300.*1 MiB/);
    await expect(tooSmall.run(randomImage(64, 64))).resolves.toBeDefined();
    tooSmall.dispose();
  });
});
