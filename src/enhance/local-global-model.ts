import { InputError, MemoryError, WeightsError } from '../errors';
import type { Gpu } from '../gpu/types';
import { decodeWeights, foldBatchNorm, type NetworkConfig, SIZE_MULTIPLE, type StateDict } from '../model';
import type { Rectangle } from './pixels';
import { GlobalProgram, LocalProgram } from './programs';
import { haloOf } from './receptive-field';
import { planTiles, type TilePlan, type TileRules } from './tiles';

/** One tile of a photo: what it is computed from, and the part whose values are right. */
export interface Tile {
  readonly window: Rectangle;
  readonly core: Rectangle;
}

/** Device memory in bytes that the local path plans with, where the device's limits allow it. */
const MEMORY_BUDGET = 512 * 2 ** 20;

/** Programs kept for photos of other sizes, as far as they fit the memory budget together. */
const KEPT_PROGRAMS = 8;

/**
 * The network on a device: the global encoder for a whole photo, the local path for tiles of it, all through
 * one program. Batch norms are folded into the convolutions. Not for calls that overlap.
 */
export class LocalGlobalModel {
  readonly config: NetworkConfig;
  readonly #gpu: Gpu;
  readonly #weights: StateDict;
  readonly #rules: TileRules;
  #global: GlobalProgram | undefined;
  /** By window size; the most recently used is last. */
  readonly #locals = new Map<string, LocalProgram>();

  /**
   * @param tile side in pixels of the square whose area a window may have at most, or `auto`.
   * @param name what messages call the weight file.
   * @throws {WeightsError} when the weight file cannot be used.
   * @throws {InputError} when the tile is too small.
   */
  constructor(gpu: Gpu, weights: Uint8Array, tile: number | 'auto' = 'auto', name = 'The weight file') {
    const { config, state } = decodeWeights(weights, name);
    this.config = config;
    this.#gpu = gpu;
    this.#weights = foldBatchNorm(state, config);
    requireFinite(this.#weights, name);
    const halo = haloOf(config);
    const smallest = 2 * halo + SIZE_MULTIPLE;
    if (tile !== 'auto' && !(tile >= smallest)) {
      throw new InputError(
        `tile is ${tile}. This network needs tiles of ${smallest} pixels or more, or "auto".`,
      );
    }
    const maxPixels = tile === 'auto' ? affordablePixels(gpu, config) : tile ** 2;
    this.#rules = { alignment: SIZE_MULTIPLE, halo, maxPixels };
  }

  /**
   * The vector that the global encoder makes of a photo; undefined for a network without one.
   *
   * @param view the whole photo, dense [1, 3, globalSize, globalSize].
   */
  async globalFeature(view: Float32Array): Promise<Float32Array | undefined> {
    if (!this.config.globalEncoder) return undefined;
    this.#global ??= await GlobalProgram.compile(this.#gpu, this.config, this.#weights);
    return this.#global.run(view);
  }

  /**
   * Splits a photo into tiles and makes the program for them. Where memory does not suffice, smaller tiles are
   * tried; the result is the same to the bit.
   *
   * @throws {MemoryError} when the device cannot hold the smallest tile.
   */
  async prepare(height: number, width: number): Promise<{ tiles: Tile[]; program: LocalProgram }> {
    const [padded, paddedWidth] = [roundUp(height), roundUp(width)];
    let cause: unknown;
    for (let { maxPixels } = this.#rules; ; maxPixels /= 2) {
      const plan = planTiles(padded, paddedWidth, { ...this.#rules, maxPixels });
      if (!plan) throw tooLarge(this.#gpu, height, width, cause);
      try {
        return { tiles: tilesOf(plan), program: await this.#localProgram(plan.window) };
      } catch (error) {
        if (!(error instanceof MemoryError)) throw error;
        cause = error;
        this.#makeRoom(0, 0);
      }
    }
  }

  destroy(): void {
    this.#makeRoom(0, 0);
    this.#global?.destroy();
    this.#global = undefined;
  }

  async #localProgram(window: TilePlan['window']): Promise<LocalProgram> {
    const key = `${window.height} x ${window.width}`;
    let program = this.#locals.get(key);
    if (!program) {
      program = await LocalProgram.compile(this.#gpu, this.config, this.#weights, window);
      this.#makeRoom(KEPT_PROGRAMS - 1, MEMORY_BUDGET - program.bytes);
    }
    this.#locals.delete(key);
    this.#locals.set(key, program);
    return program;
  }

  /** Frees the least recently used programs until so many are left, of so many bytes together. */
  #makeRoom(count: number, bytes: number): void {
    let used = [...this.#locals.values()].reduce((sum, program) => sum + program.bytes, 0);
    for (const [key, program] of this.#locals) {
      if (this.#locals.size <= count && used <= bytes) return;
      used -= program.bytes;
      program.destroy();
      this.#locals.delete(key);
    }
  }
}

const roundUp = (size: number): number => Math.ceil(size / SIZE_MULTIPLE) * SIZE_MULTIPLE;

function tilesOf({ rows, columns }: TilePlan): Tile[] {
  return rows.flatMap((row) =>
    columns.map((column) => ({
      window: { rows: row.window, columns: column.window },
      core: { rows: row.core, columns: column.core },
    })),
  );
}

/**
 * Pixels of a window for which the device has room. The widest tensor is the concatenation at full resolution,
 * 2 x width channels; with it live the skip, the upsampled half, and the result of a convolution.
 */
function affordablePixels({ traits }: Gpu, { width }: NetworkConfig): number {
  const widest = 4 * Math.max(2 * width, 4);
  const binding = Math.min(traits.limits.maxStorageBufferBindingSize, traits.limits.maxBufferSize);
  return Math.min(binding / widest, MEMORY_BUDGET / (3 * widest));
}

function requireFinite(weights: StateDict, name: string): void {
  for (const [key, { data }] of weights) {
    if (!data.every(Number.isFinite)) {
      throw new WeightsError(
        `${name}: ${key} holds values that are not finite. Its training went wrong; use another.`,
      );
    }
  }
}

function tooLarge(gpu: Gpu, height: number, width: number, cause: unknown): MemoryError {
  const binding = Math.min(gpu.traits.limits.maxStorageBufferBindingSize, gpu.traits.limits.maxBufferSize);
  const reason = cause instanceof Error ? ` (${cause.message})` : '';
  return new MemoryError(
    `A photo of ${width} x ${height} pixels does not fit this device even in the smallest tiles: it holds ` +
      `${(binding / 2 ** 20).toFixed(0)} MiB in one piece${reason}. Use a smaller network or another device.`,
    { cause },
  );
}
