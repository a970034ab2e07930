import { Random } from '../random';

/**
 * Which scene pair number k comes from, and which random numbers make it: pure functions of (seed, k, number of
 * scenes). Every scene comes once an epoch, in an order shuffled anew for each; training can thus go on at any k,
 * and any worker can make any pair.
 */
export class Sampler {
  readonly sceneCount: number;
  readonly #root: Random;
  #epoch = -1;
  #order: readonly number[] = [];

  constructor(seed: number, sceneCount: number) {
    if (!(sceneCount > 0)) throw new RangeError('Sampler: no scenes');
    this.sceneCount = sceneCount;
    this.#root = new Random(seed).fork('pairs');
  }

  /** Index of the scene of pair k. `skip` names the next ones in the epoch's order, for scenes that fail. */
  scene(k: number, skip = 0): number {
    const epoch = Math.floor(k / this.sceneCount);
    if (epoch !== this.#epoch) {
      const indices = Array.from({ length: this.sceneCount }, (_, i) => i);
      this.#order = this.#root.fork('order').fork(epoch).shuffle(indices);
      this.#epoch = epoch;
    }
    return this.#order[(k + skip) % this.sceneCount] as number;
  }

  /** The random numbers of pair k. */
  random(k: number): Random {
    return this.#root.fork('pair').fork(k);
  }
}
