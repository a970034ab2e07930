import { afterEach, expect, test, vi } from 'vitest';
import { EnhancedPixels } from '../../src/app/enhanced-pixels';

/** Node has no ImageData. */
class FakeImage {
  constructor(
    readonly data: Uint8ClampedArray,
    readonly width: number,
    readonly height: number,
  ) {}
}

const image = (value: number, side = 1) =>
  new FakeImage(new Uint8ClampedArray(4).fill(value), side, side) as unknown as ImageData;

afterEach(() => vi.unstubAllGlobals());

test('the pixels of the last photo are there as they are, those of others are read from their blobs', async () => {
  vi.stubGlobal('ImageData', FakeImage);
  const pixels = new EnhancedPixels();
  const [first, second, huge] = [image(1), image(2), image(3, 2 ** 13)];
  const [one, two] = [pixels.keep(first, []), pixels.keep(second, [])];
  // The page sends a copy.
  expect(await pixels.read({ ...two })).toBe(second);
  const read = await pixels.read(one);
  expect(read).not.toBe(first);
  expect(read).toEqual(first);
  expect(await pixels.read(pixels.keep(huge, []))).not.toBe(huge);
});
