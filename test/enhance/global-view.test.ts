import { describe, expect, it } from 'vitest';
import { globalView } from '../../src/enhance/global-view';
import { Random } from '../../src/random';
import { plainCodec } from './support';

function noise(width: number, height: number) {
  const random = new Random(width * 1000 + height);
  const data = Uint8ClampedArray.from({ length: 4 * width * height }, () =>
    Math.floor(256 * random.uniform()),
  );
  return { data, width, height, channels: 4 as const };
}

const SIZE = 128;
type Noise = ReturnType<typeof noise>;
const at = (image: Noise, x: number, y: number, c: number) =>
  image.data[4 * (y * image.width + x) + c]! / 255;

/** Bilinear with half-pixel centres, as the training graph resizes. */
function bilinear(image: Noise, x: number, y: number, c: number): number {
  const position = (i: number, from: number) =>
    Math.min(Math.max(((i + 0.5) * from) / SIZE - 0.5, 0), from - 1);
  const [px, py] = [position(x, image.width), position(y, image.height)];
  const [x0, y0] = [Math.floor(px), Math.floor(py)];
  const [x1, y1] = [Math.min(x0 + 1, image.width - 1), Math.min(y0 + 1, image.height - 1)];
  const [fx, fy] = [px - x0, py - y0];
  const top = at(image, x0, y0, c) * (1 - fx) + at(image, x1, y0, c) * fx;
  const bottom = at(image, x0, y1, c) * (1 - fx) + at(image, x1, y1, c) * fx;
  return top * (1 - fy) + bottom * fy;
}

function expectBilinear(image: Noise): void {
  const view = globalView(image, plainCodec, SIZE);
  let worst = 0;
  for (let c = 0; c < 3; c++) {
    for (let y = 0; y < SIZE; y++) {
      for (let x = 0; x < SIZE; x++) {
        worst = Math.max(worst, Math.abs(view[(c * SIZE + y) * SIZE + x]! - bilinear(image, x, y, c)));
      }
    }
  }
  expect(worst).toBeLessThan(1e-7);
}

describe('globalView', () => {
  it('is the image itself at its own size', () => {
    const image = noise(SIZE, SIZE);
    const view = globalView(image, plainCodec, SIZE);
    for (let i = 0; i < SIZE * SIZE; i++) {
      for (let c = 0; c < 3; c++)
        expect(view[c * SIZE * SIZE + i]).toBe(Math.fround(image.data[4 * i + c]! / 255));
    }
  });

  it('equals the bilinear resize of training when it enlarges, and when it halves', () => {
    for (const [width, height] of [
      [1, 1],
      [1, 17],
      [33, 15],
      [127, 128],
      [256, 256],
      [256, 64],
    ] as const) {
      expectBilinear(noise(width, height));
    }
  });

  it('averages all pixels when it reduces: the mean of the photo stays', () => {
    for (const [width, height] of [
      [129, 131],
      [500, 300],
      [1024, 200],
    ] as const) {
      const image = noise(width, height);
      const view = globalView(image, plainCodec, SIZE);
      for (let c = 0; c < 3; c++) {
        const plane = view.subarray(c * SIZE * SIZE, (c + 1) * SIZE * SIZE);
        const viewMean = plane.reduce((sum, value) => sum + value, 0) / plane.length;
        // Where an axis is reduced, every pixel has the same weight.
        let mean = 0;
        for (let i = c; i < image.data.length; i += 4) mean += image.data[i]! / 255;
        expect(viewMean).toBeCloseTo(mean / (width * height), 5);
      }
    }
  });

  it('does not alias: one bright column in ten is a tenth of the light, wherever it falls', () => {
    const data = new Uint8ClampedArray(4 * 1280 * 10);
    const image = { data, width: 1280, height: 10, channels: 4 as const };
    for (let i = 0; i < 1280 * 10; i++) if (i % 10 === 3) image.data.fill(255, 4 * i, 4 * i + 4);
    const view = globalView(image, plainCodec, SIZE);
    for (const value of view) expect(value).toBeCloseTo(0.1, 6);
  });
});
