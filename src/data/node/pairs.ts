import { Worker } from 'node:worker_threads';
import type { Pair } from '../pair';
import { PairMaker } from '../pair-maker';
import type { PairSource, PairSourceOptions } from '../pair-source';
import { PairPool, validationInWorker } from '../pool';
import type { FromWorker } from '../pool-protocol';
import { DEFAULT_CACHE_BYTES } from '../scene-cache';
import { type ValidationOptions, validationPairs } from '../validation-set';
import type { PoolWorker } from '../watched-worker';
import type { SceneFile } from './scene-file';
import { sceneSource } from './scenes';
import { type ThreadMessage, threadTime } from './thread-time';

export interface NodePairOptions extends PairSourceOptions {
  readonly scenes: readonly SceneFile[];
  /** The bundled `worker.ts`. Default: beside this module. */
  readonly workerUrl?: URL;
}

/** Training pairs from scene files, made in worker threads, or in this thread with `workers: 0`. */
export function openPairs(options: NodePairOptions): PairSource {
  const { scenes, seed, config, workers, onNotice, maxBytes = DEFAULT_CACHE_BYTES } = options;
  if (workers === 0) {
    const maker = new PairMaker(scenes.map(sceneSource), seed, config, { maxBytes, onNotice });
    return { make: (k) => maker.make(k), close: async () => {} };
  }
  return new PairPool(() => startThread(options.workerUrl), scenes, options);
}

/** Validation pairs from scene files, made in a worker thread, or in this thread with `workers: 0`. */
export async function makeValidation(
  scenes: readonly SceneFile[],
  options: ValidationOptions & Pick<NodePairOptions, 'workers' | 'workerUrl' | 'decodeBudget'>,
): Promise<readonly Pair[]> {
  if (options.workers === 0) return validationPairs(scenes.map(sceneSource), options);
  return validationInWorker(() => startThread(options.workerUrl), scenes, options);
}

function startThread(url = new URL('./worker.js', import.meta.url)): PoolWorker<SceneFile> {
  const thread = new Worker(url);
  let number: number | undefined;
  return {
    send: (message) => thread.postMessage(message),
    processorTime: () => (number === undefined ? undefined : threadTime(number)),
    listen: (onMessage, onEnd) => {
      thread.on('message', (message: FromWorker | ThreadMessage) => {
        if (message.type === 'thread') number = message.thread;
        else onMessage(message);
      });
      thread.on('messageerror', (error) => onEnd(`its answer cannot be read (${error.message})`));
      thread.on('error', (error) => onEnd(error instanceof Error ? error.message : String(error)));
      thread.on('exit', (code) => onEnd(`exit code ${code}`));
    },
    end: async () => {
      await thread.terminate();
    },
  };
}
