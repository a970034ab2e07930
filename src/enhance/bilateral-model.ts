import { InputError, MemoryError } from '../errors';
import { createStorageBuffers, upload } from '../gpu/buffers';
import { type CommandList, compilePipelines, record } from '../gpu/command-list';
import type { KernelCall, Precision } from '../gpu/kernel-call';
import { Staging } from '../gpu/staging';
import type { Gpu } from '../gpu/types';
import { Graph, Program, type SymbolicTensor } from '../graph';
import {
  type BilateralEnhanceSizes,
  bilateralEnhance,
  encodeSettings,
  encodeUnits,
  SETTINGS_BYTES,
} from '../kernels/bilateral-enhance';
import { PROFILE_BYTES } from '../kernels/photo-profile';
import { byteLength, pack, type Shape } from '../kernels/tensor';
import { forWholePicture } from '../kernels/tuned-gpu';
import { writeState } from '../model';
import type { BilateralConfig } from '../model/bilateral/config';
import { buildBilateralGrid } from '../model/bilateral/network';
import type { CheckedImage } from '../photo/image';
import type { PixelCodec } from '../photo/pixel-codec';
import type { FoldedNetwork } from './folded-network';
import { contextOf, PackedPhoto } from './packed-photo';
import type { Job, PhotoModel } from './photo-model';
import { blendCore, readWindow } from './pixels';
import { readFinite, requirePrecision } from './precision';

/**
 * The most pixels in a strip, which is the work of one submit. Where the host converts, this is 96 MiB on the device.
 */
const STRIP_PIXELS = 2 ** 22;

/** Side of the photo whose kernels are compiled ahead; strips of larger photos have the same size. */
const REFERENCE_SIDE = 2048;

/** Passes kept for photos of other sizes. */
const KEPT_PASSES = 2;

/** The rows processed at once. */
interface Strip {
  readonly firstRow: number;
  readonly rows: number;
}

/** Buffers of a pass that do not depend on the photo. */
interface Constants<B = GPUBuffer> {
  readonly grid: B;
  readonly guide: B;
  readonly settings: B;
  readonly profile: B;
}

interface PassBuffers<B> extends Constants<B> {
  readonly photo: B;
  readonly result: B;
}

type PassSize = Pick<BilateralEnhanceSizes, 'width' | 'height' | 'rows' | 'packed' | 'srgb'>;

/** The pass over the pixels. */
interface Pass {
  readonly list: CommandList;
  readonly stripRows: number;
}

/** A pass for photos of one size that the host converts. */
interface PlanarPass extends Pass {
  readonly photo: GPUBuffer;
  readonly result: GPUBuffer;
}

/**
 * The bilateral-grid network on a device: the encoders run once per photo, then one pass covers its pixels in strips.
 * A pixel depends only on itself and the grid, so strips need no halo. 8-bit RGB goes to the device and back
 * unconverted.
 */
export class BilateralModel implements PhotoModel {
  readonly #gpu: Gpu;
  readonly #staging: Staging;
  readonly #network: FoldedNetwork<BilateralConfig>;
  readonly #precision: Precision;
  readonly #gridShape: Shape;
  #encoder: { readonly program: Program; readonly output: SymbolicTensor } | undefined;
  #constants: Constants | undefined;
  /** By size, least recently used first. */
  readonly #passes = new Map<string, PlanarPass>();
  #stripPixels: number;

  /**
   * @param tile side in pixels of the square whose area limits a strip, or `auto`.
   * @param precision of the encoders' weights and features; pixels are processed in single precision.
   * @param shrink divides the size of strips, after a device was lost while processing them.
   * @throws {InputError} when the tile is not a valid size.
   * @throws {AdapterError} when the device cannot store half precision.
   */
  constructor(
    gpu: Gpu,
    network: FoldedNetwork<BilateralConfig>,
    tile: number | 'auto' = 'auto',
    precision: Precision = 'f32',
    shrink = 1,
  ) {
    requirePrecision(gpu, precision);
    if (tile !== 'auto' && !(tile >= 1)) {
      throw new InputError(`tile is ${tile}. Give a side of 1 pixel or more, or "auto".`);
    }
    const { gridSize, levels } = network.config;
    this.#gpu = gpu;
    this.#staging = new Staging(gpu);
    this.#network = network;
    this.#precision = precision;
    this.#gridShape = [1, 12 * levels, gridSize, gridSize];
    this.#stripPixels = Math.min(tile === 'auto' ? STRIP_PIXELS : tile ** 2, STRIP_PIXELS) / shrink;
  }

  get viewSize(): number {
    return this.#network.config.viewSize;
  }

  get deviceBytes(): number {
    const memory = this.#encoder?.program.memory;
    const passes = [...this.#passes.values()].flatMap(({ photo, result }) => [photo, result]);
    const buffers = [...Object.values((this.#constants ?? {}) as Constants), ...passes];
    return (
      this.#staging.bytes +
      buffers.reduce((sum, { size }) => sum + size, 0) +
      (memory ? memory.planned + memory.variables : 0)
    );
  }

  async warmUp(): Promise<void> {
    const { graph, output } = encoderGraph(this.#network.config);
    const nothing = { grid: null, guide: null, settings: null, profile: null, photo: null, result: null };
    const size = { width: REFERENCE_SIDE, height: REFERENCE_SIDE };
    const rows = this.#stripRows(size.width, size.height);
    await Promise.all([
      PackedPhoto.warmUp(this.#gpu, this.viewSize),
      Program.warmUp(forWholePicture(this.#gpu), graph, { fetch: [output], precision: this.#precision }),
      compilePipelines(this.#gpu, this.#calls(nothing, { ...size, rows, packed: true, srgb: true })),
    ]);
  }

  pack(image: CheckedImage, codec: PixelCodec): Promise<PackedPhoto | undefined> {
    return PackedPhoto.create(this.#gpu, this.#staging, image, codec);
  }

  async enhance(job: Job): Promise<void> {
    const { image, packed, view, check } = job;
    const grid = await this.#grid(view, check);
    check();
    this.#constants ??= await this.#makeConstants();
    upload(this.#gpu, this.#constants.grid, pack(grid, this.#gridShape, 'activation'));
    if (packed) return this.#packedPhoto(job, packed, this.#constants);
    for (;;) {
      const pass = await this.#passFor(image.width, image.height, this.#constants);
      try {
        await this.#strips(job, pass.stripRows, (strip) => this.#planarStrip(job, pass, strip));
        return check();
      } catch (error) {
        if (!(error instanceof MemoryError) || pass.stripRows === 1) throw error;
        this.#stripPixels = Math.floor(pass.stripRows / 2) * image.width;
        this.#dropPasses(0);
      }
    }
  }

  destroy(): void {
    this.#staging.destroy();
    this.#encoder?.program.destroy();
    this.#encoder = undefined;
    this.#dropPasses(0);
    for (const buffer of Object.values(this.#constants ?? {})) buffer.destroy();
    this.#constants = undefined;
  }

  /** Runs the encoders on a view [1, 3, viewSize, viewSize]; returns the grid, dense. */
  async #grid(view: Float32Array, check: () => void): Promise<Float32Array> {
    this.#encoder ??= await this.#compileEncoder();
    const { program, output } = this.#encoder;
    program.write('view', view);
    await program.runPaced(check);
    return readFinite(program, output);
  }

  async #compileEncoder() {
    const { config, weights } = this.#network;
    const { graph, output } = encoderGraph(config);
    const gpu = forWholePicture(this.#gpu);
    const program = await Program.compile(gpu, graph, { fetch: [output], precision: this.#precision });
    writeState(program, weights);
    return { program, output };
  }

  async #makeConstants(): Promise<Constants> {
    const units = this.#units();
    const [grid, guide, settings, profile] = (await createStorageBuffers(this.#gpu, [
      { bytes: byteLength(this.#gridShape, 'activation'), label: 'grid' },
      { bytes: units.byteLength, label: 'guide' },
      { bytes: SETTINGS_BYTES, label: 'settings' },
      { bytes: PROFILE_BYTES, label: 'profile' },
    ])) as [GPUBuffer, GPUBuffer, GPUBuffer, GPUBuffer];
    upload(this.#gpu, guide, units);
    return { grid, guide, settings, profile };
  }

  /** The pass for photos of one size. Strips shrink until the device has memory for them. */
  async #passFor(width: number, height: number, constants: Constants): Promise<PlanarPass> {
    const key = `${width} x ${height}`;
    const kept = this.#passes.get(key);
    if (kept) {
      this.#passes.delete(key);
      this.#passes.set(key, kept);
      return kept;
    }
    this.#dropPasses(KEPT_PASSES - 1);
    for (;;) {
      const stripRows = this.#stripRows(width, height);
      try {
        const bytes = 12 * stripRows * width;
        const [photo, result] = (await createStorageBuffers(this.#gpu, [
          { bytes, label: 'photo' },
          { bytes, label: 'result' },
        ])) as [GPUBuffer, GPUBuffer];
        const size = { width, height, rows: stripRows, packed: false, srgb: true };
        const pass = { list: await this.#record({ ...constants, photo, result }, size), stripRows };
        this.#passes.set(key, { ...pass, photo, result });
        return { ...pass, photo, result };
      } catch (error) {
        if (!(error instanceof MemoryError) || stripRows === 1) throw error;
        this.#stripPixels = Math.floor(stripRows / 2) * width;
      }
    }
  }

  #stripRows(width: number, height: number): number {
    return Math.min(Math.max(Math.floor(this.#stripPixels / width), 1), height);
  }

  #record(buffers: PassBuffers<GPUBuffer>, size: PassSize): Promise<CommandList> {
    return record(this.#gpu, this.#calls(buffers, size));
  }

  #calls<B>({ guide, ...buffers }: PassBuffers<B>, size: PassSize): KernelCall<B>[] {
    const { gridSize, levels, guideWidth } = this.#network.config;
    return bilateralEnhance(
      contextOf<B>(this.#gpu, 'output'),
      { ...buffers, units: guide },
      { ...size, gridSize, levels, units: guideWidth },
    );
  }

  async #strips(
    { image: { height }, check, report }: Job,
    stripRows: number,
    work: (strip: Strip) => Promise<void>,
  ): Promise<void> {
    const strips = Math.ceil(height / stripRows);
    for (let index = 0; index < strips; index++) {
      report((index + 1) / (strips + 1));
      check();
      const firstRow = index * stripRows;
      await work({ firstRow, rows: Math.min(stripRows, height - firstRow) });
    }
  }

  /** Bytes go to the device and back; it converts colours, applies strength and hue, and rounds. */
  async #packedPhoto(job: Job, packed: PackedPhoto, constants: Constants): Promise<void> {
    const { width, height } = job.image;
    const stripRows = Math.min(this.#stripRows(width, height), Math.floor(packed.capacity / width));
    const { photo, result, profile } = packed;
    const size = { width, height, rows: stripRows, packed: true, srgb: packed.isSrgb };
    const list = await this.#record({ ...constants, profile, photo, result }, size);
    try {
      await this.#strips(job, stripRows, async (strip) => {
        const part = { row: strip.firstRow, column: 0, height: strip.rows, width };
        const held = await packed.hold(part);
        this.#set(constants, job, strip, held.row);
        await list.run(job.check);
        if (!packed.isWhole) await packed.take(list, part, job.result);
      });
      if (packed.isWhole) await packed.take(list, packed.whole, job.result);
    } finally {
      list.destroy();
    }
    job.check();
  }

  /** For photos with more bits: the host decodes, applies strength and hue, and encodes. */
  async #planarStrip(job: Job, pass: PlanarPass, strip: Strip): Promise<void> {
    const { image, codec, result, strength, keepHue, tone } = job;
    const { width } = image;
    const core = {
      rows: { start: strip.firstRow, end: strip.firstRow + strip.rows },
      columns: { start: 0, end: width },
    };
    const planes = readWindow(image, codec, core);
    upload(this.#gpu, pass.photo, planes);
    this.#set(this.#constants!, job, strip, strip.firstRow);
    await pass.list.run(job.check);
    const made = await pass.list.read(pass.result, planes.byteLength);
    const blend = { window: core, core, strength, keepHue, tone };
    blendCore(new Float32Array(made), blend, image, codec, result);
  }

  #set({ settings }: Constants, { strength, keepHue, tone }: Job, strip: Strip, heldRow: number): void {
    const guideBias = this.#network.weights.get('guide.1.bias')!.data[0]!;
    const values = { ...strip, heldRow, strength, keepHue, tone, guideBias };
    upload(this.#gpu, settings, encodeSettings(values));
  }

  #units(): Float32Array<ArrayBuffer> {
    const data = (name: string) => this.#network.weights.get(name)!.data;
    return encodeUnits(
      { weight: data('guide.0.weight'), bias: data('guide.0.bias') },
      data('guide.1.weight'),
    );
  }

  /** Frees the least recently used passes until `count` are left. */
  #dropPasses(count: number): void {
    for (const [key, { list, photo, result }] of this.#passes) {
      if (this.#passes.size <= count) return;
      list.destroy();
      photo.destroy();
      result.destroy();
      this.#passes.delete(key);
    }
  }
}

function encoderGraph(config: BilateralConfig) {
  const graph = new Graph();
  const view = graph.input('view', [1, 3, config.viewSize, config.viewSize]);
  const { output } = buildBilateralGrid(graph, view, config, { mode: 'folded' });
  return { graph, output };
}
