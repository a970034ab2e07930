import { openGpu } from '../gpu/device';
import type { Gpu } from '../gpu/types';
import { loadModel } from './models';

/** What an `Enhancer` asks of its surroundings. */
export interface Platform {
  openGpu(): Promise<Gpu>;
  /** Bytes of a weight file by name or address. */
  loadModel(model: string | URL): Promise<Uint8Array>;
}

/** Browsers, and other runtimes that have `navigator.gpu` and `fetch`. */
export const web: Platform = {
  openGpu: () =>
    openGpu(globalThis.navigator?.gpu as GPU | undefined, { powerPreference: 'high-performance' }),
  loadModel,
};
