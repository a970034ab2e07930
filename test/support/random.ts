import { elementCount, type Shape } from '../../src/kernels/tensor';
import { Random } from '../../src/random';
import type { Dense } from '../reference/dense';

/** Uniform in [low, high), rounded to f32 so that the oracle and the device see the same numbers. */
export function randomArray(length: number, seed: number | string, low = -1, high = 1): Float64Array {
  const random = new Random(seed);
  return Float64Array.from({ length }, () => Math.fround(random.uniform(low, high)));
}

export function randomDense(shape: Shape, seed: number | string, low = -1, high = 1): Dense {
  return { shape, data: randomArray(elementCount(shape), seed, low, high) };
}
