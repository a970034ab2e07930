import { startWorker } from '../start-worker-web';
import type { Pair } from './pair';
import { PairMaker } from './pair-maker';
import type { PairSource, PairSourceOptions } from './pair-source';
import { PairPool, validationInWorker } from './pool';
import { DEFAULT_CACHE_BYTES } from './scene-cache';
import { type ValidationOptions, validationPairs } from './validation-set';
import type { PoolWorker } from './watched-worker';
import { type WebScene, webSceneSource } from './web-scenes';
import workerUrl from './worker.ts?worker&url';

interface WebPairOptions extends PairSourceOptions {
  readonly scenes: readonly WebScene[];
}

/** Training pairs in a browser, made in Web Workers, or in this thread with `workers: 0`. */
export function openWebPairs(options: WebPairOptions): PairSource {
  const { scenes, seed, config, workers, onNotice, maxBytes = DEFAULT_CACHE_BYTES, unusable = [] } = options;
  if (workers === 0) {
    const cache = { maxBytes, onNotice, unusable };
    const maker = new PairMaker(scenes.map(webSceneSource), seed, config, cache);
    return { make: (k) => maker.make(k), close: async () => {} };
  }
  return new PairPool(startPairWorker, scenes, options);
}

/** Validation pairs, made in a Web Worker, or in this thread with `workers: 0`. */
export async function makeWebValidation(
  scenes: readonly WebScene[],
  options: ValidationOptions & Pick<WebPairOptions, 'workers' | 'decodeBudget'>,
): Promise<readonly Pair[]> {
  if (options.workers === 0) return validationPairs(scenes.map(webSceneSource), options);
  return validationInWorker(startPairWorker, scenes, options);
}

function startPairWorker(): PoolWorker<WebScene> {
  const worker = startWorker(workerUrl);
  return {
    send: (message) => worker.postMessage(message),
    listen: (onMessage, onEnd) => {
      worker.onmessage = (event) => onMessage(event.data);
      worker.onmessageerror = () => onEnd('its answer cannot be read');
      worker.onerror = (event) => onEnd(event.message || 'it could not be loaded');
    },
    end: async () => worker.terminate(),
  };
}
