import { InputError, MemoryError } from '../errors';
import { createStorageBuffers, upload } from '../gpu/buffers';
import { type CommandList, record } from '../gpu/command-list';
import type { Precision } from '../gpu/kernel-call';
import type { Gpu } from '../gpu/types';
import { Graph, Program, type SymbolicTensor } from '../graph';
import { bilateralEnhance, encodeSettings, encodeUnits, SETTINGS_BYTES } from '../kernels/bilateral-enhance';
import { byteLength, pack, type Shape } from '../kernels/tensor';
import { policyOf } from '../kernels/tuned-gpu';
import { writeState } from '../model';
import type { BilateralConfig } from '../model/bilateral/config';
import { buildBilateralGrid } from '../model/bilateral/network';
import type { FoldedNetwork } from './folded-network';
import type { Job, PhotoModel } from './photo-model';
import { blendCore, readWindow } from './pixels';
import { readFinite, requirePrecision } from './precision';

/** Pixels of a strip at most: with their results 32 MiB on the device where they are packed, 96 where they are not. */
const STRIP_PIXELS = 2 ** 22;

/** Passes kept for other sizes: a photo and its view take turns. */
const KEPT_PASSES = 2;

/** The part of a photo that is worked on at once. */
interface Strip {
  readonly firstRow: number;
  readonly rows: number;
}

/** The pass over the pixels, for photos of one size. */
interface Pass {
  readonly list: CommandList;
  readonly buffers: readonly GPUBuffer[];
  readonly settings: GPUBuffer;
  readonly photo: GPUBuffer;
  readonly result: GPUBuffer;
  readonly stripRows: number;
}

/**
 * The bilateral-grid network on a device: the encoders once for a photo, then one pass over its pixels, in strips. A
 * pixel needs itself and the grid alone, so strips need no halo. 8-bit sRGB goes to the device and comes back as it is.
 */
export class BilateralModel implements PhotoModel {
  readonly #gpu: Gpu;
  readonly #network: FoldedNetwork<BilateralConfig>;
  readonly #precision: Precision;
  readonly #gridShape: Shape;
  #encoder: { readonly program: Program; readonly output: SymbolicTensor } | undefined;
  /** By size; the one used last is last. */
  readonly #passes = new Map<string, Pass>();
  #stripPixels: number;

  /**
   * @param tile side in pixels of the square whose area a strip may have at most, or `auto`.
   * @param precision of the encoders' weights and features; pixels are worked on in single precision.
   * @param shrink by how much smaller strips are than they could be: after a device was lost over them.
   * @throws {InputError} when the tile is no size.
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
    const buffers = [...this.#passes.values()].flatMap((pass) => pass.buffers);
    return (
      buffers.reduce((sum, { size }) => sum + size, 0) + (memory ? memory.planned + memory.variables : 0)
    );
  }

  async enhance(job: Job): Promise<void> {
    const { image, codec } = job;
    const grid = await this.#grid(job.view, job.check);
    job.check();
    const packed = codec.isSrgb === true && !(image.data instanceof Uint16Array) && image.channels >= 3;
    for (;;) {
      const pass = await this.#passFor(image.width, image.height, packed);
      upload(this.#gpu, pass.buffers[0]!, pack(grid, this.#gridShape, 'activation'));
      try {
        const strips = Math.ceil(image.height / pass.stripRows);
        for (let index = 0; index < strips; index++) {
          job.report((index + 1) / (strips + 1));
          job.check();
          const firstRow = index * pass.stripRows;
          const strip = { firstRow, rows: Math.min(pass.stripRows, image.height - firstRow) };
          await (packed ? this.#packedStrip(job, pass, strip) : this.#planarStrip(job, pass, strip));
        }
        return job.check();
      } catch (error) {
        if (!(error instanceof MemoryError) || pass.stripRows === 1) throw error;
        this.#stripPixels = Math.floor(pass.stripRows / 2) * image.width;
        this.#dropPasses(0);
      }
    }
  }

  destroy(): void {
    this.#encoder?.program.destroy();
    this.#encoder = undefined;
    this.#dropPasses(0);
  }

  /** What the encoders make of a view [1, 3, viewSize, viewSize]: the grid, dense. */
  async #grid(view: Float32Array, check: () => void): Promise<Float32Array> {
    this.#encoder ??= await this.#compileEncoder();
    const { program, output } = this.#encoder;
    program.write('view', view);
    await program.runPaced(check);
    return readFinite(program, output);
  }

  async #compileEncoder() {
    const { config, weights } = this.#network;
    const graph = new Graph();
    const view = graph.input('view', [1, 3, config.viewSize, config.viewSize]);
    const { output } = buildBilateralGrid(graph, view, config, { mode: 'folded' });
    const program = await Program.compile(this.#gpu, graph, { fetch: [output], precision: this.#precision });
    writeState(program, weights);
    return { program, output };
  }

  /** The pass for photos of a size; strips are made shorter until the device has memory for them. */
  async #passFor(width: number, height: number, packed: boolean): Promise<Pass> {
    const key = `${width} x ${height}, ${packed}`;
    const kept = this.#passes.get(key);
    if (kept) {
      this.#passes.delete(key);
      this.#passes.set(key, kept);
      return kept;
    }
    this.#dropPasses(KEPT_PASSES - 1);
    for (;;) {
      const stripRows = Math.min(Math.max(Math.floor(this.#stripPixels / width), 1), height);
      try {
        const pass = await this.#compilePass({ width, height, rows: stripRows, packed });
        this.#passes.set(key, pass);
        return pass;
      } catch (error) {
        if (!(error instanceof MemoryError) || stripRows === 1) throw error;
        this.#stripPixels = Math.floor(stripRows / 2) * width;
      }
    }
  }

  async #compilePass(size: {
    readonly width: number;
    readonly height: number;
    readonly rows: number;
    readonly packed: boolean;
  }): Promise<Pass> {
    const { gridSize, levels, guideWidth } = this.#network.config;
    const pixels = (size.packed ? 4 : 12) * size.rows * size.width;
    const units = this.#units();
    const buffers = await createStorageBuffers(this.#gpu, [
      { bytes: byteLength(this.#gridShape, 'activation'), label: 'grid' },
      { bytes: units.byteLength, label: 'guide' },
      { bytes: SETTINGS_BYTES, label: 'settings' },
      { bytes: pixels, label: 'photo' },
      { bytes: pixels, label: 'result' },
    ]);
    const [grid, guide, settings, photo, result] = buffers as [
      GPUBuffer,
      GPUBuffer,
      GPUBuffer,
      GPUBuffer,
      GPUBuffer,
    ];
    try {
      upload(this.#gpu, guide, units);
      const { traits } = this.#gpu;
      const context = { traits, policy: policyOf(this.#gpu), label: 'output', scratch: () => grid };
      const calls = bilateralEnhance(
        context,
        { grid, units: guide, settings, photo, result },
        { ...size, gridSize, levels, units: guideWidth },
      );
      const list = await record(this.#gpu, calls);
      return { list, buffers, settings, photo, result, stripRows: size.rows };
    } catch (error) {
      for (const buffer of buffers) buffer.destroy();
      throw error;
    }
  }

  /** Bytes go to the device and come back; strength, hue and rounding happen there. */
  async #packedStrip(
    { image, result, strength, keepHue, tone }: Job,
    pass: Pass,
    strip: Strip,
  ): Promise<void> {
    const { channels, width, data } = image;
    const [begin, end] = [strip.firstRow * width, (strip.firstRow + strip.rows) * width];
    const bytes = data.subarray(channels * begin, channels * end) as Uint8Array;
    upload(this.#gpu, pass.photo, channels === 4 ? copied(bytes) : withFourth(bytes));
    const words = await this.#run(pass, { ...strip, strength, keepHue, tone }, 4 * (end - begin));
    const made = new Uint8Array(words);
    if (channels === 4) result.set(made, 4 * begin);
    else withoutFourth(made, result, 3 * begin);
  }

  /** Decoding, strength, hue and encoding happen here, for photos of more bits, or of colours other than sRGB. */
  async #planarStrip(
    { image, codec, result, strength, keepHue, tone }: Job,
    pass: Pass,
    strip: Strip,
  ): Promise<void> {
    const { width } = image;
    const core = {
      rows: { start: strip.firstRow, end: strip.firstRow + strip.rows },
      columns: { start: 0, end: width },
    };
    const planes = readWindow(image, codec, core);
    upload(this.#gpu, pass.photo, planes);
    const made = await this.#run(pass, { ...strip, strength, keepHue, tone }, planes.byteLength);
    const blend = { window: core, core, strength, keepHue, tone };
    blendCore(new Float32Array(made), blend, image, codec, result);
  }

  async #run(
    { list, settings, result }: Pass,
    values: Strip & Pick<Job, 'strength' | 'keepHue' | 'tone'>,
    bytes: number,
  ): Promise<ArrayBuffer> {
    const guideBias = this.#network.weights.get('guide.1.bias')!.data[0]!;
    upload(this.#gpu, settings, encodeSettings({ ...values, guideBias }));
    list.submit();
    return list.read(result, bytes);
  }

  #units(): Float32Array<ArrayBuffer> {
    const data = (name: string) => this.#network.weights.get(name)!.data;
    return encodeUnits(
      { weight: data('guide.0.weight'), bias: data('guide.0.bias') },
      data('guide.1.weight'),
    );
  }

  /** Frees those not used for longest, until so many are left. */
  #dropPasses(count: number): void {
    for (const [key, { list, buffers }] of this.#passes) {
      if (this.#passes.size <= count) return;
      list.destroy();
      for (const buffer of buffers) buffer.destroy();
      this.#passes.delete(key);
    }
  }
}

/** `writeBuffer` takes no view of shared memory, and may not see later changes of the caller's. */
const copied = (bytes: Uint8Array): Uint8Array<ArrayBuffer> => Uint8Array.from(bytes);

function withFourth(rgb: Uint8Array): Uint8Array<ArrayBuffer> {
  const rgba = new Uint8Array((rgb.length / 3) * 4);
  for (let from = 0, to = 0; from < rgb.length; from += 3, to += 4) {
    rgba[to] = rgb[from]!;
    rgba[to + 1] = rgb[from + 1]!;
    rgba[to + 2] = rgb[from + 2]!;
  }
  return rgba;
}

function withoutFourth(rgba: Uint8Array, into: { [at: number]: number }, start: number): void {
  for (let from = 0, to = start; from < rgba.length; from += 4, to += 3) {
    into[to] = rgba[from]!;
    into[to + 1] = rgba[from + 1]!;
    into[to + 2] = rgba[from + 2]!;
  }
}
