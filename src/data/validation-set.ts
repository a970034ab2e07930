import { Random } from '../random';
import { type Pair, synthesisePair } from './pair';
import type { Scene } from './scene';
import {
  DEFAULT_CACHE_BYTES,
  noUsableScene,
  SceneCache,
  type SceneCacheOptions,
  type SceneNotice,
  type SceneSource,
} from './scene-cache';
import type { SynthesisConfig } from './synthesis-config';

export interface ValidationOptions {
  readonly count: number;
  /** Together with scenes and configuration, determines every pair. */
  readonly seed: number;
  readonly config: SynthesisConfig;
  readonly onNotice: SceneNotice;
}

/** For workers only: see `SceneCacheOptions`. */
type Watched = Pick<SceneCacheOptions, 'unusable' | 'onDecoding'>;

export const DEFAULT_VALIDATION_COUNT = 48;
export const DEFAULT_VALIDATION_SIZE = 256;

/** The arguments for pair i of `synthesisePair` or `synthesisePatch`. */
interface ValidationDraw {
  readonly scene: Scene;
  readonly random: Random;
}

/**
 * Fixed pairs for evaluating networks: pair i is from scene i mod n, in the order of scene names. Unusable scenes are
 * removed first.
 *
 * @throws InputError when no scene is usable.
 */
export async function validationPairs(
  sources: readonly SceneSource[],
  options: ValidationOptions & Watched,
): Promise<Pair[]> {
  const pairs: Pair[] = [];
  for await (const { scene, random } of validationDraws(sources, options)) {
    pairs.push(synthesisePair(scene, random, options.config));
  }
  return pairs;
}

/** The arguments of the same pairs, one by one, before anything is computed. */
export async function* validationDraws(
  sources: readonly SceneSource[],
  { count, seed, ...watched }: Omit<ValidationOptions, 'config'> & Watched,
): AsyncGenerator<ValidationDraw> {
  const sorted = sortedByName(sources);
  const cache = new SceneCache(sorted, { maxBytes: DEFAULT_CACHE_BYTES, ...watched });
  const usable: number[] = [];
  for (const index of sorted.keys()) {
    if (await cache.get(index)) usable.push(index);
  }
  if (usable.length === 0) throw noUsableScene(sources.length);

  const root = new Random(seed).fork('validation');
  for (let i = 0; i < count; i++) {
    const scene = await cache.get(usable[i % usable.length] as number);
    if (!scene) throw noUsableScene(sources.length);
    yield { scene, random: root.fork(i) };
  }
}

/** The order of scenes for validation pairs. */
export function sortedByName<S extends { readonly name: string }>(scenes: readonly S[]): S[] {
  return [...scenes].sort((a, b) => (a.name < b.name ? -1 : a.name > b.name ? 1 : 0));
}
