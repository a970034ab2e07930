import { type Pair, synthesisePair } from './pair';
import { Sampler } from './sampler';
import { noUsableScene, SceneCache, type SceneCacheOptions, type SceneSource } from './scene-cache';
import type { SynthesisConfig } from './synthesis-config';

/**
 * Makes pair number k of an endless seeded sequence. An unusable scene is replaced by the next in the epoch's order,
 * so the sequence depends only on the files, not on which worker meets the bad one first.
 */
export class PairMaker {
  readonly sampler: Sampler;
  readonly #scenes: SceneCache;
  readonly #config: SynthesisConfig;

  constructor(
    sources: readonly SceneSource[],
    seed: number,
    config: SynthesisConfig,
    cacheOptions: SceneCacheOptions,
  ) {
    this.sampler = new Sampler(seed, sources.length, config.photos);
    this.#scenes = new SceneCache(sources, cacheOptions);
    this.#config = config;
  }

  /** @throws InputError when no scene is usable. */
  async make(k: number): Promise<Pair> {
    const choices = this.sampler.choices(k);
    for (let skip = 0; skip < choices; skip++) {
      const scene = await this.#scenes.get(this.sampler.scene(k, skip));
      if (scene) return synthesisePair(scene, this.sampler.random(k), this.#config);
    }
    throw noUsableScene(choices);
  }
}
