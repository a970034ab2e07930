import { elementCount, type Shape } from '../../src/kernels/tensor';
import type { Dense } from '../reference/dense';

/** Uniform numbers in [0, 1) from a 32-bit seed (mulberry32 by T. Ettinger). */
export function uniform(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let word = Math.imul(state ^ (state >>> 15), state | 1);
    word ^= word + Math.imul(word ^ (word >>> 7), word | 61);
    return ((word ^ (word >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** Uniform in [low, high), rounded to f32 so that the oracle and the device see the same numbers. */
export function randomArray(length: number, seed: number, low = -1, high = 1): Float64Array {
  const next = uniform(seed);
  return Float64Array.from({ length }, () => Math.fround(low + (high - low) * next()));
}

export function randomDense(shape: Shape, seed: number, low = -1, high = 1): Dense {
  return { shape, data: randomArray(elementCount(shape), seed, low, high) };
}
