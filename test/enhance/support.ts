import { encodeWeights, initialWeights, type NetworkConfig, networkConfig } from '../../src/model';
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
