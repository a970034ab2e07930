import { GlocalError, InputError } from '../errors';
import type { Pair } from './pair';
import { PairMaker } from './pair-maker';
import type { DecodingScene, SceneSource } from './scene-cache';
import type { SynthesisConfig } from './synthesis-config';
import { validationPairs } from './validation-set';

/** The data from which a worker makes pairs. `S` describes a scene as plain data that the runtime knows how to read. */
export interface WorkerSetup<S> {
  readonly scenes: readonly S[];
  readonly seed: number;
  readonly config: SynthesisConfig;
  /** Memory for decoded scenes, bytes. */
  readonly maxBytes: number;
}

/** Training pair number k, or a number of validation pairs. */
export type Order =
  | { readonly type: 'make'; readonly k: number }
  | { readonly type: 'validation'; readonly count: number };

/** Messages from a pool to its workers. */
export type ToWorker<S> =
  /** Sent first. `unusable`: indices of scenes to avoid. */
  | ({ readonly type: 'setup'; readonly unusable: readonly number[] } & WorkerSetup<S>)
  | { readonly type: 'order'; readonly request: number; readonly order: Order };

/** Messages from a worker: each request gets one 'pairs' or 'failed' with its number. */
export type FromWorker =
  | { readonly type: 'pairs'; readonly request: number; readonly pairs: readonly Pair[] }
  | { readonly type: 'failed'; readonly request: number; readonly message: string; readonly isInput: boolean }
  | { readonly type: 'notice'; readonly message: string }
  /** The decoder has started on a scene or, with null, has finished. A decoding worker cannot send other messages. */
  | { readonly type: 'decoding'; readonly scene: DecodingScene | null };

/** The worker's side: returns its message handler. */
export function pairWorker<S>(
  open: (scene: S) => SceneSource,
  send: (message: FromWorker, transfer: ArrayBuffer[]) => void,
): (message: ToWorker<S>) => Promise<void> {
  let work: ((order: Order) => Promise<Pair[]>) | undefined;
  return async (message) => {
    if (message.type === 'setup') {
      work = worker(message, open, (answer) => send(answer, []));
      return;
    }
    const { request, order } = message;
    try {
      if (!work) throw new Error('pairs were asked for before the setup');
      const pairs = await work(order);
      const buffers = pairs.flatMap(({ input, target }) => [input.buffer, target.buffer] as ArrayBuffer[]);
      send({ type: 'pairs', request, pairs }, buffers);
    } catch (error) {
      const text = error instanceof Error ? error.message : String(error);
      send({ type: 'failed', request, message: text, isInput: error instanceof InputError }, []);
    }
  };
}

function worker<S>(
  setup: Extract<ToWorker<S>, { type: 'setup' }>,
  open: (scene: S) => SceneSource,
  send: (message: FromWorker) => void,
): (order: Order) => Promise<Pair[]> {
  const { scenes, seed, config, maxBytes, unusable } = setup;
  const sources = scenes.map(open);
  const cache = {
    maxBytes,
    unusable,
    onNotice: (message: string) => send({ type: 'notice', message }),
    onDecoding: (scene: DecodingScene | null) => send({ type: 'decoding', scene }),
  };
  let maker: PairMaker | undefined;
  return async (order) => {
    if (order.type === 'validation') {
      return validationPairs(sources, { ...cache, count: order.count, seed, config });
    }
    maker ??= new PairMaker(sources, seed, config, cache);
    return [await maker.make(order.k)];
  };
}

/** The error represented by a 'failed' message. */
export function failure(message: string, isInput: boolean): GlocalError {
  return isInput ? new InputError(message) : new GlocalError(`Making training pairs failed: ${message}`);
}
