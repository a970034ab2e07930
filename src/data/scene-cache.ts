import { InputError } from '../errors';
import { claimedPixels } from './hdr-file';
import { decodeScene, type Scene } from './scene';

/** A scene's file, wherever it is stored. */
export interface SceneSource {
  readonly name: string;
  read(): Promise<Uint8Array>;
}

/** Called once for each scene that is unusable or was repaired. */
export type SceneNotice = (message: string) => void;

export interface SceneCacheOptions {
  /** Memory for decoded scenes in bytes. The current scene is kept even if it alone is larger. */
  readonly maxBytes: number;
  readonly onNotice: SceneNotice;
  /** Indices of scenes known to be unusable and already reported. */
  readonly unusable?: readonly number[];
  /** Called before a scene is decoded, and with null afterwards, even after a failure. */
  readonly onDecoding?: (scene: DecodingScene | null) => void;
}

/** A scene being decoded. */
export interface DecodingScene {
  readonly index: number;
  /** Number of pixels that its file claims; 0 if unknown. */
  readonly pixels: number;
}

export const DEFAULT_CACHE_BYTES = 1.5e9;

/** Decodes scenes on demand and caches the most recently used, up to a memory limit. */
export class SceneCache {
  readonly sources: readonly SceneSource[];
  readonly #options: SceneCacheOptions;
  /** Least recently used first. */
  readonly #scenes = new Map<number, Scene>();
  readonly #loading = new Map<number, Promise<Scene | null>>();
  readonly #unusable: Set<number>;
  readonly #repaired = new Set<number>();
  #bytes = 0;

  constructor(sources: readonly SceneSource[], options: SceneCacheOptions) {
    this.sources = sources;
    this.#options = options;
    this.#unusable = new Set(options.unusable);
  }

  /** The scene, or null if its file cannot be read or decoded, which is reported once by name. */
  async get(index: number): Promise<Scene | null> {
    if (this.#unusable.has(index)) return null;
    const cached = this.#scenes.get(index);
    if (cached) {
      this.#scenes.delete(index);
      this.#scenes.set(index, cached);
      return cached;
    }
    let loading = this.#loading.get(index);
    if (!loading) {
      loading = this.#load(index);
      this.#loading.set(index, loading);
    }
    return loading;
  }

  async #load(index: number): Promise<Scene | null> {
    const source = this.sources[index];
    if (!source) throw new RangeError(`SceneCache: no scene ${index}`);
    const { onNotice } = this.#options;
    try {
      const scene = this.#decode(index, source.name, await source.read());
      if (scene.repairedPixels > 0 && !this.#repaired.has(index)) {
        onNotice(`${source.name}: ${scene.repairedPixels} pixels were NaN or infinite and were replaced`);
        this.#repaired.add(index);
      }
      this.#scenes.set(index, scene);
      this.#bytes += scene.image.data.byteLength;
      this.#trim();
      return scene;
    } catch (error) {
      this.#unusable.add(index);
      onNotice(`${source.name}: left out. ${error instanceof Error ? error.message : String(error)}`);
      return null;
    } finally {
      this.#loading.delete(index);
    }
  }

  #decode(index: number, name: string, bytes: Uint8Array): Scene {
    const { onDecoding = () => {} } = this.#options;
    onDecoding({ index, pixels: claimedPixels(bytes) });
    try {
      return decodeScene(name, bytes);
    } finally {
      onDecoding(null);
    }
  }

  #trim(): void {
    for (const [index, scene] of this.#scenes) {
      if (this.#bytes <= this.#options.maxBytes || this.#scenes.size === 1) return;
      this.#scenes.delete(index);
      this.#bytes -= scene.image.data.byteLength;
    }
  }
}

/** The error when no scene of a set is usable. */
export function noUsableScene(count: number): InputError {
  return new InputError(
    `None of the ${count} files can be used, so there is nothing to make pairs from. See the reasons above, or name other files.`,
  );
}
