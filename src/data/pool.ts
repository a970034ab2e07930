import { AbortError } from '../errors';
import { DECODE_BUDGET, type DecodeBudget } from './decode-budget';
import type { Pair } from './pair';
import type { PairSource, PairSourceOptions } from './pair-source';
import { Sampler } from './sampler';
import { DEFAULT_CACHE_BYTES } from './scene-cache';
import type { SceneStatistics } from './scene-statistics';
import { DEFAULT_SYNTHESIS } from './synthesis-config';
import { sortedByName, type ValidationOptions } from './validation-set';
import { type PoolWorker, WatchedWorker } from './watched-worker';

type Start<S> = () => PoolWorker<S>;

export type MeasureOptions = Pick<PairSourceOptions, 'workers' | 'onNotice' | 'decodeBudget'>;

/**
 * Makes pairs in workers. A scene always goes to the same worker, so it is decoded and cached once; the pairs do not
 * depend on the number of workers. When a worker dies, all pending and later pairs fail.
 */
export class PairPool<S extends { readonly name: string }> implements PairSource {
  readonly #workers: readonly WatchedWorker<S>[];
  readonly #sampler: Sampler;
  #broken: Error | undefined;

  constructor(start: Start<S>, scenes: readonly S[], options: PairSourceOptions) {
    const { seed, config, workers, onNotice, maxBytes = DEFAULT_CACHE_BYTES } = options;
    const { decodeBudget = DECODE_BUDGET, unusable = [] } = options;
    this.#sampler = new Sampler(seed, scenes.length, config.photos);
    const setup = { scenes, seed, config, maxBytes: maxBytes / workers, unusable };
    const onEnd = (error: Error) => this.#break(error);
    const watch = { decodeBudget, onNotice: once(onNotice), onEnd };
    this.#workers = Array.from({ length: workers }, () => new WatchedWorker(start, setup, watch));
  }

  async make(k: number): Promise<Pair> {
    if (this.#broken) throw this.#broken;
    return this.#workers[this.#sampler.scene(k) % this.#workers.length]!.ask({ type: 'make', k });
  }

  async close(): Promise<void> {
    this.#break(new AbortError('The pool of workers was closed'));
    await Promise.all(this.#workers.map((worker) => worker.end()));
  }

  #break(error: Error): void {
    this.#broken ??= error;
    for (const worker of this.#workers) worker.fail(this.#broken);
  }
}

/** `validationPairs` in its own worker, where a damaged file cannot block the caller. */
export async function validationInWorker<S extends { readonly name: string }>(
  start: Start<S>,
  scenes: readonly S[],
  options: ValidationOptions & { readonly decodeBudget?: DecodeBudget },
): Promise<readonly Pair[]> {
  const { count, seed, config, onNotice, decodeBudget = DECODE_BUDGET } = options;
  const setup = { scenes: sortedByName(scenes), seed, config, maxBytes: DEFAULT_CACHE_BYTES, unusable: [] };
  const watch = { decodeBudget, onNotice: once(onNotice), onEnd: () => {} };
  const worker = new WatchedWorker(start, setup, watch);
  try {
    return await worker.ask({ type: 'validation', count });
  } finally {
    await worker.end();
  }
}

/** `sceneStatistics` of each scene, or null if it is unusable, also measured in workers. */
export async function measureInWorkers<S extends { readonly name: string }>(
  start: Start<S>,
  scenes: readonly S[],
  options: MeasureOptions,
): Promise<readonly (SceneStatistics | null)[]> {
  const { workers, onNotice, decodeBudget = DECODE_BUDGET } = options;
  // Each scene is needed only once, so only the current one is kept.
  const setup = { scenes, seed: 0, config: DEFAULT_SYNTHESIS, maxBytes: 0, unusable: [] };
  const watch = { decodeBudget, onNotice: once(onNotice), onEnd: () => {} };
  const pool = Array.from({ length: workers }, () => new WatchedWorker(start, setup, watch));
  try {
    return await Promise.all(
      scenes.map((_, scene) => pool[scene % workers]!.ask({ type: 'measure', scene })),
    );
  } finally {
    await Promise.all(pool.map((worker) => worker.end()));
  }
}

/** Passes on each message once, even if several workers send it. */
function once(tell: (message: string) => void): (message: string) => void {
  const told = new Set<string>();
  return (message) => {
    if (told.has(message)) return;
    told.add(message);
    tell(message);
  };
}
