import { GlocalError, InputError } from '../errors';
import type { Pair } from './pair';
import { PairMaker } from './pair-maker';
import type { SceneSource } from './scene-cache';
import type { SynthesisConfig } from './synthesis-config';

/** What a pool tells its workers. `S` describes a scene as plain data; how to read it, each runtime knows. */
export type ToWorker<S> =
  | {
      readonly type: 'setup';
      readonly scenes: readonly S[];
      readonly seed: number;
      readonly config: SynthesisConfig;
      readonly maxBytes: number;
    }
  | { readonly type: 'make'; readonly request: number; readonly k: number };

/** What a worker answers: every 'make' gets one 'pair' or 'failed' with its request. */
export type FromWorker =
  | { readonly type: 'pair'; readonly request: number; readonly pair: Pair }
  | { readonly type: 'failed'; readonly request: number; readonly message: string; readonly isInput: boolean }
  | { readonly type: 'notice'; readonly message: string };

/** A worker's side: returns the handler of its messages. */
export function pairWorker<S>(
  open: (scene: S) => SceneSource,
  send: (message: FromWorker, transfer: ArrayBuffer[]) => void,
): (message: ToWorker<S>) => Promise<void> {
  let maker: PairMaker | undefined;
  return async (message) => {
    if (message.type === 'setup') {
      const { scenes, seed, config, maxBytes } = message;
      const onNotice = (text: string) => send({ type: 'notice', message: text }, []);
      maker = new PairMaker(scenes.map(open), seed, config, { maxBytes, onNotice });
      return;
    }
    const { request, k } = message;
    try {
      if (!maker) throw new Error('a pair was asked for before the setup');
      const pair = await maker.make(k);
      send({ type: 'pair', request, pair }, [
        pair.input.buffer as ArrayBuffer,
        pair.target.buffer as ArrayBuffer,
      ]);
    } catch (error) {
      const text = error instanceof Error ? error.message : String(error);
      send({ type: 'failed', request, message: text, isInput: error instanceof InputError }, []);
    }
  };
}

/** The error that a 'failed' message stands for. */
export function failure(message: string, isInput: boolean): GlocalError {
  return isInput ? new InputError(message) : new GlocalError(`Making training pairs failed: ${message}`);
}
