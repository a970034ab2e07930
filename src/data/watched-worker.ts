import { GlocalError } from '../errors';
import { budgetFor, type DecodeBudget } from './decode-budget';
import {
  type FromWorker,
  failure,
  type Order,
  type Result,
  type Results,
  type ToWorker,
  type WorkerSetup,
} from './pool-protocol';
import type { DecodingScene, SceneNotice } from './scene-cache';

/** A worker in Node or a browser, as seen by the pool. */
export interface PoolWorker<S> {
  send(message: ToWorker<S>): void;
  /** Seconds of processor time used by the worker; undefined if unknown. */
  processorTime?(): number | undefined;
  /** Both listeners are set once, before anything is sent. `onEnd` receives the reason why the worker ended. */
  listen(onMessage: (message: FromWorker) => void, onEnd: (reason: string) => void): void;
  end(): Promise<void>;
}

interface Watch {
  readonly decodeBudget: DecodeBudget;
  readonly onNotice: SceneNotice;
  /** Called when the worker has ended and all its requests have failed. */
  readonly onEnd: (error: GlocalError) => void;
}

/** Interval between checks of a decoder. A late tick, as after the machine slept, counts no more than another. */
const TICK_MS = 200;

interface Waiting {
  readonly order: Order;
  readonly resolve: (result: Result) => void;
  readonly reject: (error: Error) => void;
}

/**
 * A worker that a damaged file cannot block forever. When a scene keeps the decoder busy for too long, the worker is
 * terminated, the scene is skipped and reported, and pending requests go to a new worker.
 */
export class WatchedWorker<S extends { readonly name: string }> {
  readonly #start: () => PoolWorker<S>;
  readonly #setup: WorkerSetup<S>;
  readonly #watch: Watch;
  /** By request number, oldest first. */
  readonly #waiting = new Map<number, Waiting>();
  readonly #unusable: number[];
  #worker: PoolWorker<S>;
  #requests = 0;
  #timer: ReturnType<typeof setInterval> | undefined;

  constructor(start: () => PoolWorker<S>, setup: WorkerSetup<S>, watch: Watch) {
    this.#start = start;
    this.#setup = setup;
    this.#watch = watch;
    this.#unusable = [...setup.unusable];
    this.#worker = this.#begin();
  }

  ask<T extends Order['type']>(order: Extract<Order, { type: T }>): Promise<Results[T]> {
    const request = this.#requests++;
    this.#worker.send({ type: 'order', request, order });
    return new Promise<Results[T]>((resolve, reject) => {
      this.#waiting.set(request, { order, resolve: (result) => resolve(result as Results[T]), reject });
    });
  }

  /** Fails all pending requests. */
  fail(error: Error): void {
    for (const { reject } of this.#waiting.values()) reject(error);
    this.#waiting.clear();
  }

  async end(): Promise<void> {
    clearInterval(this.#timer);
    await this.#worker.end();
  }

  #begin(): PoolWorker<S> {
    const worker = this.#start();
    worker.listen(
      (message) => {
        if (worker === this.#worker) this.#receive(message);
      },
      (reason) => {
        if (worker === this.#worker) this.#ended(reason);
      },
    );
    worker.send({ type: 'setup', ...this.#setup, unusable: this.#unusable });
    return worker;
  }

  #receive(message: FromWorker): void {
    if (message.type === 'notice') this.#watch.onNotice(message.message);
    else if (message.type === 'decoding') this.#decoding(message.scene);
    else this.#settle(message);
  }

  #settle(answer: Extract<FromWorker, { request: number }>): void {
    const waiting = this.#waiting.get(answer.request);
    this.#waiting.delete(answer.request);
    if (answer.type === 'done') waiting?.resolve(answer.result);
    else waiting?.reject(failure(answer.message, answer.isInput));
  }

  #decoding(scene: DecodingScene | null): void {
    clearInterval(this.#timer);
    if (scene === null) return;
    const budget = budgetFor(this.#watch.decodeBudget, scene.pixels);
    const worker = this.#worker;
    const before = worker.processorTime?.();
    let ticks = 0;
    this.#timer = setInterval(() => {
      ticks++;
      const now = before === undefined ? undefined : worker.processorTime?.();
      const used =
        now === undefined || before === undefined
          ? (ticks * TICK_MS) / 1000 / this.#watch.decodeBudget.clockFactor
          : now - before;
      if (used > budget) this.#replace(scene.index, budget);
    }, TICK_MS);
  }

  #replace(scene: number, budget: number): void {
    clearInterval(this.#timer);
    const { name } = this.#setup.scenes[scene]!;
    this.#watch.onNotice(
      `${name}: left out. It kept its decoder busy for more than ${budget.toFixed(0)} s and is treated as damaged`,
    );
    this.#unusable.push(scene);
    const hanging = this.#worker;
    this.#worker = this.#begin();
    void hanging.end();
    for (const [request, { order }] of this.#waiting) this.#worker.send({ type: 'order', request, order });
  }

  #ended(reason: string): void {
    clearInterval(this.#timer);
    const error = new GlocalError(`A worker that makes training pairs ended: ${reason}`);
    this.fail(error);
    this.#watch.onEnd(error);
  }
}
