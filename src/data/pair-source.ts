import type { DecodeBudget } from './decode-budget';
import type { Pair } from './pair';
import type { SceneNotice } from './scene-cache';
import type { SynthesisConfig } from './synthesis-config';

/** An endless sequence of training pairs; pair k depends only on k, the seed, the scenes and the configuration. */
export interface PairSource {
  /** Can be asked for many pairs at once, in any order. */
  make(k: number): Promise<Pair>;
  close(): Promise<void>;
}

export interface PairSourceOptions {
  readonly seed: number;
  readonly config: SynthesisConfig;
  /** Workers that make pairs beside the caller; 0 makes them in the caller's own thread. */
  readonly workers: number;
  /** Called once for each scene that cannot be used, or was repaired. */
  readonly onNotice: SceneNotice;
  /** Memory for decoded scenes, bytes, all workers together. */
  readonly maxBytes?: number;
  /** How long a scene may keep the decoder of a worker busy before it is left out. */
  readonly decodeBudget?: DecodeBudget;
}
