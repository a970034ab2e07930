import { Worker } from 'node:worker_threads';
import type { Pair } from '../pair';
import { PairMaker } from '../pair-maker';
import type { PairSource, PairSourceOptions } from '../pair-source';
import { type MeasureOptions, measureInWorkers, PairPool, validationInWorker } from '../pool';
import type { FromWorker } from '../pool-protocol';
import { DEFAULT_CACHE_BYTES, SceneCache } from '../scene-cache';
import { type SceneStatistics, sceneStatistics } from '../scene-statistics';
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
  const { scenes, seed, config, workers, onNotice, maxBytes = DEFAULT_CACHE_BYTES, unusable = [] } = options;
  if (workers === 0) {
    const cache = { maxBytes, onNotice, unusable };
    const maker = new PairMaker(scenes.map(sceneSource), seed, config, cache);
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

/**
 * Statistics of each scene, or null if it is unusable (reported through `onNotice`). Measured in worker threads, or in
 * this thread with `workers: 0`.
 */
export async function measureScenes(
  scenes: readonly SceneFile[],
  options: MeasureOptions & Pick<NodePairOptions, 'workerUrl'>,
): Promise<readonly (SceneStatistics | null)[]> {
  const { workers, onNotice, workerUrl } = options;
  if (workers > 0) return measureInWorkers(() => startThread(workerUrl), scenes, options);
  const cache = new SceneCache(scenes.map(sceneSource), { maxBytes: 0, onNotice });
  const found: (SceneStatistics | null)[] = [];
  for (const index of scenes.keys()) {
    const scene = await cache.get(index);
    found.push(scene && sceneStatistics(scene.image));
  }
  return found;
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
