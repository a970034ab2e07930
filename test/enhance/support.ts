import { encodeWeights, initialWeights, type NetworkConfig, networkConfig } from '../../src/model';
import type { CheckedImage } from '../../src/photo/image';
import { codecOf } from '../../src/photo/pixel-codec';
import { Random } from '../../src/random';

/** A network small enough for a software adapter. */
export const TINY: NetworkConfig = networkConfig({ width: 4, globalWidth: 4, globalSize: 32 });

/** A weight file with random weights, whose outputs use the whole range. */
export function tinyWeights(config: NetworkConfig = TINY, seed = 5): Uint8Array<ArrayBuffer> {
  return encodeWeights(initialWeights(config, seed, { outputScale: 1 }), config);
}

/** A picture of random pixels, alpha included. */
export function randomImage(width: number, height: number, seed: number | string = 1) {
  const random = new Random(seed);
  const data = Uint8ClampedArray.from({ length: 4 * width * height }, () =>
    Math.floor(256 * random.uniform()),
  );
  return { data, width, height };
}

/** 8-bit sRGB. */
export const plainCodec = codecOf({ data: new Uint8Array(3), width: 1, height: 1, channels: 3 });

/** Random numbers of a picture, in any form that the `Enhancer` takes. */
export function randomRaster(
  width: number,
  height: number,
  { bits = 8, ...rest }: Partial<Omit<CheckedImage, 'data'>> & { bits?: 8 | 16 },
  seed: number | string = 1,
): CheckedImage {
  const random = new Random(seed);
  const { channels = 3 } = rest;
  const length = channels * width * height;
  const draw = () => Math.floor(2 ** bits * random.uniform());
  const data = bits === 16 ? Uint16Array.from({ length }, draw) : Uint8ClampedArray.from({ length }, draw);
  return { ...rest, data, width, height, channels };
}
