import { InputError, MemoryError } from '../errors';
import type { Precision } from '../gpu/kernel-call';
import { Staging } from '../gpu/staging';
import type { Gpu } from '../gpu/types';
import { type NetworkConfig, SIZE_MULTIPLE } from '../model';
import type { CheckedImage } from '../photo/image';
import type { PixelCodec } from '../photo/pixel-codec';
import { mebibytes } from '../units';
import type { FoldedNetwork } from './folded-network';
import { memoryBudget } from './memory-budget';
import { PackedPhoto, RESIDENT_PIXELS } from './packed-photo';
import { enhancePacked, warmUpPacked } from './packed-tiles';
import type { Job, PhotoModel } from './photo-model';
import { blendCore, readWindow } from './pixels';
import { requirePrecision } from './precision';
import { GlobalProgram, LocalProgram } from './programs';
import { haloOf } from './receptive-field';
import { planTiles, type Tile, type TilePlan, type TileRules, tilesOf } from './tiles';

/** Programs kept for photos of other sizes, as far as the memory budget allows. */
const KEPT_PROGRAMS = 8;

/** Side in pixels of a square 4-megapixel photo. Larger photos take no more device memory. */
const REFERENCE_SIDE = 2048;

/**
 * The network on a device: the global encoder runs on the whole photo, the local path on its tiles, all tiles through
 * one program. Calls must not overlap.
 */
export class LocalGlobalModel implements PhotoModel {
  readonly #gpu: Gpu;
  readonly #staging: Staging;
  readonly #network: FoldedNetwork;
  readonly #rules: TileRules;
  readonly #precision: Precision;
  readonly #shrink: number;
  readonly #residentPixels: number;
  /** Pixels of the last window that did not fit in memory. */
  #failedPixels = Number.POSITIVE_INFINITY;
  #global: GlobalProgram | undefined;
  /** By window size, least recently used first. */
  readonly #locals = new Map<string, LocalProgram>();

  /**
   * @param tile side in pixels of the square whose area limits a window, or `auto`.
   * @param precision of weights, activations and convolutions.
   * @param shrink divides the size of windows, after a device was lost while processing them.
   * @param residentPixels an 8-bit photo of up to this many pixels stays on the device as a whole.
   * @throws {InputError} when the tile is too small.
   * @throws {AdapterError} when the device cannot store half precision.
   */
  constructor(
    gpu: Gpu,
    network: FoldedNetwork,
    tile: number | 'auto' = 'auto',
    precision: Precision = 'f32',
    shrink = 1,
    residentPixels = RESIDENT_PIXELS,
  ) {
    requirePrecision(gpu, precision);
    this.#gpu = gpu;
    this.#staging = new Staging(gpu);
    this.#network = network;
    this.#precision = precision;
    this.#rules = tileRules(gpu, network.config, tile, precision);
    this.#shrink = shrink;
    this.#residentPixels = residentPixels;
  }

  get config(): NetworkConfig {
    return this.#network.config;
  }

  get viewSize(): number {
    return this.config.globalSize;
  }

  /** Bytes of device memory held by the compiled programs, and for transfers. */
  get deviceBytes(): number {
    return (this.#global?.bytes ?? 0) + this.#localBytes + this.#staging.bytes;
  }

  async warmUp(): Promise<void> {
    const [gpu, network, precision] = [this.#gpu, this.#network, this.#precision];
    // The window of most photos; smaller ones may need other kernels.
    const plan = planTiles(REFERENCE_SIDE, REFERENCE_SIDE, this.#rules);
    await Promise.all([
      PackedPhoto.warmUp(gpu, this.viewSize),
      this.config.globalEncoder && GlobalProgram.warmUp(gpu, network, precision),
      plan && LocalProgram.warmUp(gpu, network, plan.window, precision),
      plan && warmUpPacked(gpu, plan.window, precision),
    ]);
  }

  pack(image: CheckedImage, codec: PixelCodec): Promise<PackedPhoto | undefined> {
    return PackedPhoto.create(this.#gpu, this.#staging, image, codec, this.#residentPixels);
  }

  async enhance(job: Job): Promise<void> {
    const { image, packed, view, check, report } = job;
    const feature = await this.globalFeature(view, check);
    const room = packed && !packed.isWhole ? packed.capacity : undefined;
    for (;;) {
      check();
      const { tiles, program } = await this.prepare(image.height, image.width, room);
      report(1 / (tiles.length + 1));
      try {
        if (packed) await enhancePacked(this.#gpu, job, packed, { tiles, program, feature });
        else await this.#enhancePlanar(job, tiles, program, feature);
        return check();
      } catch (error) {
        if (!(error instanceof MemoryError)) throw error;
        this.shrink(program.windowPixels);
      }
    }
  }

  /** For photos with more bits, or in grey: the host converts in both directions. */
  async #enhancePlanar(
    { image, codec, result, strength, keepHue, tone, check, report }: Job,
    tiles: readonly Tile[],
    program: LocalProgram,
    feature: Float32Array | undefined,
  ): Promise<void> {
    for (const [index, { window, core }] of tiles.entries()) {
      check();
      const planes = await program.run(readWindow(image, codec, window), feature, check);
      blendCore(planes, { window, core, strength, keepHue, tone }, image, codec, result);
      report((index + 2) / (tiles.length + 1));
    }
  }

  /**
   * The global encoder's vector for a photo; undefined for a network without one.
   *
   * @param view the whole photo, dense [1, 3, globalSize, globalSize].
   */
  async globalFeature(view: Float32Array, check?: () => void): Promise<Float32Array | undefined> {
    if (!this.config.globalEncoder) return undefined;
    this.#global ??= await GlobalProgram.compile(this.#gpu, this.#network, this.#precision);
    return this.#global.run(view, check);
  }

  /**
   * Splits a photo into tiles and compiles the program for them. If memory runs out it tries smaller tiles, with
   * bit-identical results.
   *
   * @param room pixels that a window may always have. Default: no limit.
   * @throws {MemoryError} when the device cannot hold the smallest tile.
   */
  async prepare(
    height: number,
    width: number,
    room = Number.POSITIVE_INFINITY,
  ): Promise<{ tiles: Tile[]; program: LocalProgram }> {
    const [tall, wide] = [roundUp(height), roundUp(width)];
    let cause: unknown;
    for (;;) {
      const maxPixels = Math.min(this.#maxPixels(tall, wide), room);
      const plan = planTiles(tall, wide, { ...this.#rules, maxPixels });
      if (!plan) {
        // The memory may be free again for the next photo.
        this.#failedPixels = Number.POSITIVE_INFINITY;
        throw tooLarge(this.#gpu, height, width, cause);
      }
      try {
        return { tiles: tilesOf(plan), program: await this.#localProgram(plan.window) };
      } catch (error) {
        if (!(error instanceof MemoryError)) throw error;
        cause = error;
        this.shrink(plan.window.height * plan.window.width);
      }
    }
  }

  /** Limits windows to less than one that did not fit in memory, and frees all programs. */
  shrink(windowPixels: number): void {
    this.#failedPixels = windowPixels;
    this.#makeRoom(0, 0);
  }

  /** Half of the size that failed, but the smallest windows are tried before giving up. */
  #maxPixels(height: number, width: number): number {
    const side = smallestTile(this.#rules);
    const smallest = Math.min(height, side) * Math.min(width, side);
    const half = this.#failedPixels / 2;
    const allowed = half < smallest && smallest < this.#failedPixels ? smallest : half;
    return Math.min(allowed, this.#rules.maxPixels, Math.max(this.#rules.maxPixels / this.#shrink, smallest));
  }

  destroy(): void {
    this.#staging.destroy();
    this.#makeRoom(0, 0);
    this.#global?.destroy();
    this.#global = undefined;
  }

  async #localProgram(window: TilePlan['window']): Promise<LocalProgram> {
    const key = `${window.height} x ${window.width}`;
    let program = this.#locals.get(key);
    if (!program) {
      program = await LocalProgram.compile(this.#gpu, this.#network, window, this.#precision);
      this.#makeRoom(KEPT_PROGRAMS - 1, memoryBudget(this.#gpu.traits) - program.bytes);
    }
    this.#locals.delete(key);
    this.#locals.set(key, program);
    return program;
  }

  get #localBytes(): number {
    return [...this.#locals.values()].reduce((sum, program) => sum + program.bytes, 0);
  }

  /** Frees the least recently used programs down to a number and a total size in bytes. */
  #makeRoom(count: number, bytes: number): void {
    for (const [key, program] of this.#locals) {
      if (this.#locals.size <= count && this.#localBytes <= bytes) return;
      program.destroy();
      this.#locals.delete(key);
    }
  }
}

const roundUp = (size: number): number => Math.ceil(size / SIZE_MULTIPLE) * SIZE_MULTIPLE;

const smallestTile = ({ halo, alignment }: Pick<TileRules, 'halo' | 'alignment'>): number =>
  2 * halo + alignment;

function tileRules(gpu: Gpu, config: NetworkConfig, tile: number | 'auto', precision: Precision): TileRules {
  const halo = haloOf(config);
  const rules = { alignment: SIZE_MULTIPLE, halo };
  const smallest = smallestTile(rules);
  if (tile === 'auto') {
    const affordable = { ...rules, maxPixels: affordablePixels(gpu, config, precision) };
    const reference = planTiles(REFERENCE_SIDE, REFERENCE_SIDE, affordable);
    return reference ? { ...rules, maxPixels: reference.window.height * reference.window.width } : affordable;
  }
  if (tile >= smallest) return { ...rules, maxPixels: tile ** 2 };
  throw new InputError(`tile is ${tile}. This network needs tiles of ${smallest} pixels or more, or "auto".`);
}

/**
 * The largest window, in pixels, that the device has room for. The widest tensor is the concatenation at full
 * resolution, with 2 x width channels; the skip, the upsampled half and the result of a convolution are live at the
 * same time.
 */
function affordablePixels({ traits }: Gpu, { width }: NetworkConfig, precision: Precision): number {
  const widest = (precision === 'f32' ? 4 : 2) * Math.max(2 * width, 4);
  const binding = Math.min(traits.limits.maxStorageBufferBindingSize, traits.limits.maxBufferSize);
  return Math.min(binding / widest, memoryBudget(traits) / (3 * widest));
}

function tooLarge(gpu: Gpu, height: number, width: number, cause: unknown): MemoryError {
  const binding = Math.min(gpu.traits.limits.maxStorageBufferBindingSize, gpu.traits.limits.maxBufferSize);
  const reason = cause instanceof Error ? ` (${cause.message})` : '';
  return new MemoryError(
    `A photo of ${width} x ${height} pixels does not fit this device even in the smallest tiles: it holds ` +
      `${mebibytes(binding)} in one piece${reason}. Use a smaller network or another device.`,
    { cause },
  );
}
