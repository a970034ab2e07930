import type { DecodeBudget } from './decode-budget';
import type { Pair } from './pair';
import type { SceneNotice } from './scene-cache';
import type { SynthesisConfig } from './synthesis-config';

/** An endless sequence of training pairs; pair k depends only on k, the seed, the scenes and the configuration. */
export interface PairSource {
  /** May be called for many pairs at once, in any order. */
  make(k: number): Promise<Pair>;
  close(): Promise<void>;
}

export interface PairSourceOptions {
  readonly seed: number;
  readonly config: SynthesisConfig;
  /** Number of workers; 0 makes pairs in the caller's thread. */
  readonly workers: number;
  /** Called once for each scene that is unusable or was repaired. */
  readonly onNotice: SceneNotice;
  /** Memory for decoded scenes in bytes, over all workers. */
  readonly maxBytes?: number;
  /** Indices of scenes known to be unusable and already reported. */
  readonly unusable?: readonly number[];
  /** How long a scene may keep a worker's decoder busy before it is skipped. */
  readonly decodeBudget?: DecodeBudget;
}
