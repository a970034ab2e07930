import type { RgbImage } from '../../src/eval/image';
import { Random } from '../../src/random';

/**
 * A picture with edges, smooth ramps, fine noise and a clipped corner, in integer arithmetic, so that every machine
 * makes the same bytes.
 */
export function testPicture(width: number, height: number, seed = 1): RgbImage {
  const random = new Random(seed);
  const data = new Uint8Array(3 * width * height);
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const ramp = Math.floor((x * 90) / width) + Math.floor((y * 60) / height);
      const checker = ((x >> 4) + (y >> 5)) & 1 ? 55 : 0;
      for (let c = 0; c < 3; c++) {
        const noise = random.integer(16) + random.integer(16);
        const isClipped = x > 0.8 * width && y < 0.2 * height;
        data[3 * (y * width + x) + c] = isClipped ? 255 : ramp + checker + noise - 8 * c + 16;
      }
    }
  }
  return { width, height, data };
}

/** Light that falls with height over the same picture: a range of about 2^14. */
export function testScene(picture: RgbImage): { width: number; height: number; data: Float64Array } {
  const { width, height, data } = picture;
  const light = Float64Array.from(data, (value, i) => {
    const y = Math.floor(i / (3 * width));
    return (value + 1) * 2 ** (Math.floor((8 * y) / height) - 8);
  });
  return { width, height, data: light };
}

export function flatPicture(width: number, height: number, level: number): RgbImage {
  return { width, height, data: new Uint8Array(3 * width * height).fill(level) };
}
