import { GlocalError, InputError } from '../errors';
import type { Pair } from './pair';
import { PairMaker } from './pair-maker';
import { type DecodingScene, SceneCache, type SceneSource } from './scene-cache';
import { type SceneStatistics, sceneStatistics } from './scene-statistics';
import type { SynthesisConfig } from './synthesis-config';
import { validationPairs } from './validation-set';

/** The data from which a worker makes pairs. `S` describes a scene as plain data that the runtime knows how to read. */
export interface WorkerSetup<S> {
  readonly scenes: readonly S[];
  readonly seed: number;
  readonly config: SynthesisConfig;
  /** Memory for decoded scenes, bytes. */
  readonly maxBytes: number;
  /** Indices of scenes known to be unusable and already reported. */
  readonly unusable: readonly number[];
}

/** Training pair number k, a number of validation pairs, or facts about a scene. */
export type Order =
  | { readonly type: 'make'; readonly k: number }
  | { readonly type: 'validation'; readonly count: number }
  | { readonly type: 'measure'; readonly scene: number };

/** The result of each kind of request. */
export interface Results {
  readonly make: Pair;
  readonly validation: readonly Pair[];
  /** Null if the scene is unusable, which is reported by a notice. */
  readonly measure: SceneStatistics | null;
}

export type Result = Results[Order['type']];

/** Messages from a pool to its workers. */
export type ToWorker<S> =
  /** Sent first. */
  | ({ readonly type: 'setup' } & WorkerSetup<S>)
  | { readonly type: 'order'; readonly request: number; readonly order: Order };

/** Messages from a worker: each request gets one 'done' or 'failed' with its number. */
export type FromWorker =
  | { readonly type: 'done'; readonly request: number; readonly result: Result }
  | { readonly type: 'failed'; readonly request: number; readonly message: string; readonly isInput: boolean }
  | { readonly type: 'notice'; readonly message: string }
  /** The decoder has started on a scene or, with null, has finished. A decoding worker cannot send other messages. */
  | { readonly type: 'decoding'; readonly scene: DecodingScene | null };

/** The worker's side: returns its message handler. */
export function pairWorker<S>(
  open: (scene: S) => SceneSource,
  send: (message: FromWorker, transfer: ArrayBuffer[]) => void,
): (message: ToWorker<S>) => Promise<void> {
  let work: ((order: Order) => Promise<Result>) | undefined;
  return async (message) => {
    if (message.type === 'setup') {
      work = worker(message, open, (answer) => send(answer, []));
      return;
    }
    const { request, order } = message;
    try {
      if (!work) throw new Error('pairs were asked for before the setup');
      const result = await work(order);
      send({ type: 'done', request, result }, buffersOf(result));
    } catch (error) {
      const text = error instanceof Error ? error.message : String(error);
      send({ type: 'failed', request, message: text, isInput: error instanceof InputError }, []);
    }
  };
}

/** The buffers of a result's pictures, which move to the receiver. */
function buffersOf(result: Result): ArrayBuffer[] {
  if (result === null || 'stops' in result) return [];
  const pairs: readonly Pair[] = 'input' in result ? [result] : result;
  return pairs.flatMap(({ input, target }) => [input.buffer, target.buffer] as ArrayBuffer[]);
}

function worker<S>(
  setup: WorkerSetup<S>,
  open: (scene: S) => SceneSource,
  send: (message: FromWorker) => void,
): (order: Order) => Promise<Result> {
  const { scenes, seed, config, maxBytes, unusable } = setup;
  const sources = scenes.map(open);
  const cache = {
    maxBytes,
    unusable,
    onNotice: (message: string) => send({ type: 'notice', message }),
    onDecoding: (scene: DecodingScene | null) => send({ type: 'decoding', scene }),
  };
  let maker: PairMaker | undefined;
  let measured: SceneCache | undefined;
  return async (order) => {
    if (order.type === 'validation') {
      return validationPairs(sources, { ...cache, count: order.count, seed, config });
    }
    if (order.type === 'measure') {
      measured ??= new SceneCache(sources, cache);
      const scene = await measured.get(order.scene);
      return scene && sceneStatistics(scene.image);
    }
    maker ??= new PairMaker(sources, seed, config, cache);
    return maker.make(order.k);
  };
}

/** The error represented by a 'failed' message. */
export function failure(message: string, isInput: boolean): GlocalError {
  return isInput ? new InputError(message) : new GlocalError(`Making training pairs failed: ${message}`);
}
