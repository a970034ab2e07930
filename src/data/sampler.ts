import { Random } from '../random';

/** Some of the scenes, each of which comes once in every epoch of this pool. */
interface Pool {
  /** Index of its first scene. */
  readonly first: number;
  readonly count: number;
  /** Orders of its epochs. */
  readonly random: Random;
  epoch: number;
  order: readonly number[];
}

/** The last `count` scenes, which provide a share of the pairs separately. */
export interface Apart {
  readonly count: number;
  readonly share: number;
}

/**
 * Which scene pair number k comes from, and which random numbers make it: pure functions of (seed, k, number of
 * scenes). Every scene comes once an epoch, in an order shuffled anew for each; training can thus go on at any k,
 * and any worker can make any pair. Scenes set apart come evenly between the others, in epochs of their own.
 */
export class Sampler {
  readonly #root: Random;
  readonly #scenes: Pool;
  readonly #apart: Pool;
  readonly #share: number;

  constructor(seed: number, sceneCount: number, apart: Apart = { count: 0, share: 0 }) {
    const common = sceneCount - apart.count;
    if (!(common > 0)) throw new RangeError('Sampler: no scenes');
    if (apart.share > 0 && !(apart.count > 0)) throw new RangeError('Sampler: a share of no scenes');
    this.#root = new Random(seed).fork('pairs');
    this.#scenes = pool(0, common, this.#root.fork('order'));
    this.#apart = pool(common, apart.count, this.#root.fork('order apart'));
    this.#share = apart.share;
  }

  /** How many scenes pair k may come from. */
  choices(k: number): number {
    return this.#poolOf(k).pool.count;
  }

  /** Index of the scene of pair k. `skip` names the next ones in the epoch's order, for scenes that fail. */
  scene(k: number, skip = 0): number {
    const { pool, number } = this.#poolOf(k);
    const epoch = Math.floor(number / pool.count);
    if (epoch !== pool.epoch) {
      const indices = Array.from({ length: pool.count }, (_, i) => pool.first + i);
      pool.order = pool.random.fork(epoch).shuffle(indices);
      pool.epoch = epoch;
    }
    return pool.order[(number + skip) % pool.count] as number;
  }

  /** The random numbers of pair k. */
  random(k: number): Random {
    return this.#root.fork('pair').fork(k);
  }

  /** The pool of pair k, and how many pairs before it came from the same. */
  #poolOf(k: number): { readonly pool: Pool; readonly number: number } {
    const apart = Math.floor(k * this.#share);
    const isApart = Math.floor((k + 1) * this.#share) > apart;
    return isApart ? { pool: this.#apart, number: apart } : { pool: this.#scenes, number: k - apart };
  }
}

function pool(first: number, count: number, random: Random): Pool {
  return { first, count, random, epoch: -1, order: [] };
}
