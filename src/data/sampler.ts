import { Random } from '../random';

/** A subset of the scenes, each of which comes once per epoch of the pool. */
interface Pool {
  /** Index of its first scene. */
  readonly first: number;
  readonly count: number;
  /** Source of the epochs' orders. */
  readonly random: Random;
  epoch: number;
  order: readonly number[];
}

/** The last `count` scenes, which provide a fixed share of the pairs. */
interface Apart {
  readonly count: number;
  readonly share: number;
}

/**
 * Determines the scene and the random numbers of pair number k: pure functions of (seed, k, number of scenes). Every
 * scene comes once per epoch, in a newly shuffled order, so training can resume at any k and any worker can make any
 * pair. Scenes set apart are spread evenly among the others, with their own epochs.
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

  /** Number of scenes that pair k may come from. */
  choices(k: number): number {
    return this.#poolOf(k).pool.count;
  }

  /** Index of pair k's scene. `skip` selects later ones in the epoch's order, for scenes that fail. */
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

  /** The pool of pair k, and the number of earlier pairs from the same pool. */
  #poolOf(k: number): { readonly pool: Pool; readonly number: number } {
    const apart = Math.floor(k * this.#share);
    const isApart = Math.floor((k + 1) * this.#share) > apart;
    return isApart ? { pool: this.#apart, number: apart } : { pool: this.#scenes, number: k - apart };
  }
}

function pool(first: number, count: number, random: Random): Pool {
  return { first, count, random, epoch: -1, order: [] };
}
