import { describe, expect, it } from 'vitest';
import { createStorageBuffer, readBuffer } from '../../src/gpu/buffers';
import { openNodeGpu } from '../../src/gpu/node/dawn';

/** Makes the collector work between devices. */
function litter(): void {
  for (let i = 0; i < 20; i++) new Array(100_000).fill(i);
}

describe('openNodeGpu', () => {
  it('opens and closes devices one after the other, while garbage is collected', async () => {
    for (let i = 0; i < 10; i++) {
      const gpu = await openNodeGpu();
      const bytes = await readBuffer(gpu, await createStorageBuffer(gpu, 64));
      expect(new Uint8Array(bytes).every((byte) => byte === 0)).toBe(true);
      gpu.destroy();
      litter();
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
  });

  it('keeps a second device alive when the first is closed', async () => {
    const [first, second] = await Promise.all([openNodeGpu(), openNodeGpu()]);
    first.destroy();
    await first.lost;
    litter();
    expect((await readBuffer(second, await createStorageBuffer(second, 16))).byteLength).toBe(16);
    second.destroy();
  });
});
