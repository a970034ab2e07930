import { AbortError, GlocalError } from '../errors';
import type { Pair } from './pair';
import type { PairSource, PairSourceOptions } from './pair-source';
import { type FromWorker, failure, type ToWorker } from './pool-protocol';
import { Sampler } from './sampler';
import { DEFAULT_CACHE_BYTES } from './scene-cache';

/** One worker as the pool sees it, be it of Node or of a browser. */
export interface PoolWorker<S> {
  send(message: ToWorker<S>): void;
  /** Both are set once, before anything is sent. `onEnd` tells why the worker is no more. */
  listen(onMessage: (message: FromWorker) => void, onEnd: (reason: string) => void): void;
  end(): Promise<void>;
}

interface Waiting {
  readonly resolve: (pair: Pair) => void;
  readonly reject: (error: Error) => void;
}

/**
 * Makes pairs in workers. A scene always goes to the same worker, so that it is decoded and kept once; the pairs
 * do not depend on how many workers there are. When a worker dies, every pair still awaited fails, and so does
 * every later one.
 */
export class PairPool<S> implements PairSource {
  readonly #workers: readonly PoolWorker<S>[];
  readonly #sampler: Sampler;
  /** By the number of the request. */
  readonly #waiting = new Map<number, Waiting>();
  readonly #noticed = new Set<string>();
  readonly #onNotice: (message: string) => void;
  #requests = 0;
  #broken: Error | undefined;

  constructor(workers: readonly PoolWorker<S>[], scenes: readonly S[], options: PairSourceOptions) {
    const { seed, config, onNotice, maxBytes = DEFAULT_CACHE_BYTES } = options;
    this.#workers = workers;
    this.#sampler = new Sampler(seed, scenes.length);
    this.#onNotice = onNotice;
    for (const worker of workers) {
      worker.listen(
        (message) => this.#receive(message),
        (reason) => this.#break(new GlocalError(`A worker that makes training pairs ended: ${reason}`)),
      );
      worker.send({ type: 'setup', scenes, seed, config, maxBytes: maxBytes / workers.length });
    }
  }

  make(k: number): Promise<Pair> {
    if (this.#broken) return Promise.reject(this.#broken);
    const request = this.#requests++;
    this.#workers[this.#sampler.scene(k) % this.#workers.length]?.send({ type: 'make', request, k });
    return new Promise((resolve, reject) => this.#waiting.set(request, { resolve, reject }));
  }

  async close(): Promise<void> {
    this.#break(new AbortError('The pool of workers was closed'));
    await Promise.all(this.#workers.map((worker) => worker.end()));
  }

  #receive(message: FromWorker): void {
    if (message.type === 'notice') {
      if (!this.#noticed.has(message.message)) this.#onNotice(message.message);
      this.#noticed.add(message.message);
      return;
    }
    const waiting = this.#waiting.get(message.request);
    this.#waiting.delete(message.request);
    if (message.type === 'pair') waiting?.resolve(message.pair);
    else waiting?.reject(failure(message.message, message.isInput));
  }

  #break(error: Error): void {
    this.#broken ??= error;
    for (const waiting of this.#waiting.values()) waiting.reject(this.#broken);
    this.#waiting.clear();
  }
}
