import { MemoryError } from '../errors';
import { createStorageBuffers, upload } from '../gpu/buffers';
import { type CommandList, compilePipelines, record } from '../gpu/command-list';
import { RunCount } from '../gpu/run-count';
import { PIECE_BYTES, type Staging } from '../gpu/staging';
import type { Gpu } from '../gpu/types';
import type { KernelContext } from '../kernels/context';
import type { PhotoPart } from '../kernels/photo-pixels';
import { encodeProfile, PROFILE_BYTES } from '../kernels/photo-profile';
import { encodeTaps, photoViewAcross, photoViewDown } from '../kernels/photo-view';
import { unpack } from '../kernels/tensor';
import { policyOf } from '../kernels/tuned-gpu';
import type { CheckedImage, Samples } from '../photo/image';
import type { PixelCodec } from '../photo/pixel-codec';
import { axisTaps } from './global-view';

/**
 * Photos of up to this many pixels stay on the device as a whole, in 64 MiB; larger ones are there one part at a
 * time.
 */
export const RESIDENT_PIXELS = 2 ** 24;

/** The most pixels sent or read at once. */
const PIECE_PIXELS = PIECE_BYTES / 4;

/** Above this many rows the host takes over, since the device keeps view data for each row. */
const MOST_ROWS = 2 ** 15;

/** Whether the device can work on the photo's own numbers: 8-bit RGB, with or without alpha. */
function canBePacked({ data, channels, height }: CheckedImage, codec: PixelCodec): boolean {
  return !(data instanceof Uint16Array) && channels >= 3 && codec.tables !== undefined && height <= MOST_ROWS;
}

/**
 * Device buffers for an 8-bit photo (or a part of one) and its result, one word per pixel. A photo that fits as a
 * whole is uploaded once.
 */
export class PackedPhoto {
  #held: PhotoPart | undefined;

  private constructor(
    private readonly gpu: Gpu,
    private readonly staging: Staging,
    readonly image: CheckedImage,
    readonly photo: GPUBuffer,
    readonly result: GPUBuffer,
    readonly profile: GPUBuffer,
    /** The device's run count at creation; work on this photo comes after it. */
    readonly since: number,
    /** Whether its colours are sRGB, so that `profile` is not read. */
    readonly isSrgb: boolean,
  ) {}

  /**
   * @param staging memory for the transfers.
   * @param pixels the part to make room for, if not the whole photo.
   * @returns undefined if the device cannot work on the photo's numbers, or has no room.
   */
  static async create(
    gpu: Gpu,
    staging: Staging,
    image: CheckedImage,
    codec: PixelCodec,
    pixels: number = RESIDENT_PIXELS,
  ): Promise<PackedPhoto | undefined> {
    if (!canBePacked(image, codec)) return undefined;
    const { submits } = await RunCount.of(gpu);
    const { maxBufferSize, maxStorageBufferBindingSize } = gpu.traits.limits;
    const most = Math.min(pixels, maxBufferSize / 4, maxStorageBufferBindingSize / 4);
    for (let room = Math.floor(most); room >= image.width; room = Math.floor(room / 4)) {
      const bytes = 4 * Math.min(room, image.width * image.height);
      try {
        const [photo, result, profile] = (await createStorageBuffers(gpu, [
          { bytes, label: 'photo' },
          { bytes, label: 'result' },
          { bytes: PROFILE_BYTES, label: 'profile' },
        ])) as [GPUBuffer, GPUBuffer, GPUBuffer];
        if (codec.tables) upload(gpu, profile, encodeProfile(codec.tables));
        return new PackedPhoto(gpu, staging, image, photo, result, profile, submits, !codec.tables);
      } catch (error) {
        if (!(error instanceof MemoryError)) throw error;
      }
    }
    return undefined;
  }

  /** Compiles the kernels of `view` ahead of time. */
  static async warmUp(gpu: Gpu, viewSize: number): Promise<void> {
    const context = contextOf<null>(gpu, 'view');
    const size = { size: viewSize, width: 1, height: 1, rows: 1, srgb: true };
    const taps = { taps: null, weights: null, reduced: null };
    await compilePipelines(gpu, [
      photoViewAcross(context, { ...taps, part: null, profile: null, photo: null }, size),
      photoViewDown(context, { ...taps, view: null }, size),
    ]);
  }

  /** Number of pixels that fit. */
  get capacity(): number {
    return Math.floor(this.photo.size / 4);
  }

  /** Whether the whole photo fits. */
  get isWhole(): boolean {
    return this.capacity >= this.image.width * this.image.height;
  }

  get whole(): PhotoPart {
    return { row: 0, column: 0, height: this.image.height, width: this.image.width };
  }

  /**
   * Uploads a part of the photo unless it is already there, or the whole photo if it fits. Returns the part on the
   * device.
   */
  async hold(part: PhotoPart): Promise<PhotoPart> {
    const wanted = this.isWhole ? this.whole : part;
    const held = this.#held;
    const isThere =
      held?.row === wanted.row &&
      held.column === wanted.column &&
      held.height === wanted.height &&
      held.width === wanted.width;
    if (!isThere) {
      this.#held = undefined;
      await this.#upload(wanted);
    }
    this.#held = wanted;
    return wanted;
  }

  /**
   * The whole photo as [1, 3, size, size], by the same rule as `globalView` but in single precision.
   *
   * @param check called between parts; throws to stop.
   */
  async view(size: number, check: () => void): Promise<Float32Array> {
    const { gpu, image } = this;
    const { width, height } = image;
    const rows = Math.min(Math.floor(this.capacity / width), height);
    const [across, down] = [encodeTaps(axisTaps(width, size)), encodeTaps(axisTaps(height, size))];
    const made = await createStorageBuffers(gpu, [
      { bytes: across.taps.byteLength, label: 'taps' },
      { bytes: across.weights.byteLength, label: 'weights' },
      { bytes: down.taps.byteLength, label: 'taps' },
      { bytes: down.weights.byteLength, label: 'weights' },
      { bytes: 8, label: 'part' },
      { bytes: 16 * size * height, label: 'reduced' },
      { bytes: 16 * size * size, label: 'view' },
    ]);
    const [taps, weights, rowTaps, rowWeights, part, reduced, view] = made as [
      GPUBuffer,
      GPUBuffer,
      GPUBuffer,
      GPUBuffer,
      GPUBuffer,
      GPUBuffer,
      GPUBuffer,
    ];
    const lists: CommandList[] = [];
    try {
      upload(gpu, taps, across.taps);
      upload(gpu, weights, across.weights);
      upload(gpu, rowTaps, down.taps);
      upload(gpu, rowWeights, down.weights);
      const context = contextOf(gpu, 'view');
      const { profile, photo } = this;
      const sizes = { size, width, height, rows, srgb: this.isSrgb };
      const calls = [
        photoViewAcross(context, { taps, weights, part, profile, photo, reduced }, sizes),
        photoViewDown(context, { taps: rowTaps, weights: rowWeights, reduced, view }, sizes),
      ];
      for (const call of calls) lists.push(await record(gpu, [call]));
      for (let row = 0; row < height; row += rows) {
        check();
        const count = Math.min(rows, height - row);
        await this.hold({ row, column: 0, height: count, width });
        upload(gpu, part, Uint32Array.of(row, count));
        lists[0]!.submit();
      }
      lists[1]!.submit();
      const stored = await lists[1]!.read(view, view.size, 0, this.since);
      return unpack(new Float32Array(stored), [1, 3, size, size], 'activation');
    } finally {
      for (const list of lists) list.destroy();
      for (const buffer of made) buffer.destroy();
    }
  }

  /** Queues a part of the photo, at four bytes per pixel. */
  async #upload(part: PhotoPart): Promise<void> {
    for (const band of bandsOf(part, pieceRows(part))) {
      const offset = 4 * (band.row - part.row) * part.width;
      await this.staging.upload(this.photo, offset, 4 * band.height * band.width, (piece) =>
        this.#fill(piece, band),
      );
    }
  }

  #fill(piece: Uint8Array, part: PhotoPart): void {
    const { channels, data } = this.image;
    for (const { at, start, length } of this.#runs(part)) {
      const from = data.subarray(channels * start, channels * (start + length)) as Uint8Array;
      if (channels === 4) piece.set(from, 4 * at);
      else withFourth(from, wordsOf(piece).subarray(at, at + length));
    }
  }

  /**
   * Reads part of the result from the start of the buffer into the whole result, two pieces at a time, which are smaller
   * if memory is short.
   *
   * @throws {UnfinishedError} when the device dropped work on this photo.
   */
  async take(list: CommandList, part: PhotoPart, result: Samples): Promise<void> {
    const bands = bandsOf(part, pieceRows(part));
    const work = async () => {
      for (const band of bands) await this.#read(list, part, band, result);
    };
    // The result belongs to the caller again when this returns, so none may be under way then.
    const ends = await Promise.allSettled([work(), work()]);
    for (const end of ends) if (end.status === 'rejected') throw end.reason;
  }

  async #read(list: CommandList, part: PhotoPart, band: PhotoPart, result: Samples): Promise<void> {
    const offset = 4 * (band.row - part.row) * part.width;
    const range = { buffer: this.result, bytes: 4 * band.height * band.width, offset };
    const put = ([piece]: readonly ArrayBuffer[]) => this.#put(new Uint8Array(piece!), band, result);
    try {
      await list.readInto([range], put, this.since, this.staging);
    } catch (error) {
      if (!(error instanceof MemoryError) || band.height === 1) throw error;
      for (const smaller of bandsOf(band, Math.ceil(band.height / 4)))
        await this.#read(list, part, smaller, result);
    }
  }

  #put(piece: Uint8Array, part: PhotoPart, result: Samples): void {
    const { channels } = this.image;
    for (const { at, start, length } of this.#runs(part)) {
      if (channels === 4) result.set(piece.subarray(4 * at, 4 * (at + length)), channels * start);
      else withoutFourth(wordsOf(piece).subarray(at, at + length), result, channels * start);
    }
  }

  /** Runs of a part's pixels that are contiguous in the whole photo: their places in the part and in the photo. */
  *#runs({
    row,
    column,
    height,
    width,
  }: PhotoPart): Generator<{ at: number; start: number; length: number }> {
    const isContiguous = width === this.image.width;
    const length = isContiguous ? height * width : width;
    for (let at = 0; at < height * width; at += length)
      yield { at, start: row * this.image.width + column + (at / width) * this.image.width, length };
  }

  destroy(): void {
    for (const buffer of [this.photo, this.result, this.profile]) buffer.destroy();
  }
}

/** For kernels that need no scratch. */
export const contextOf = <B = GPUBuffer>(gpu: Gpu, label: string): KernelContext<B> => ({
  traits: gpu.traits,
  policy: policyOf(gpu),
  label,
  scratch: () => {
    throw new Error(`${label} asked for scratch`);
  },
});

/** Rows that make a piece of a transfer. */
const pieceRows = ({ width }: PhotoPart): number => Math.max(1, Math.floor(PIECE_PIXELS / width));

/** A part from top to bottom, at most `rows` rows at a time. */
function* bandsOf(part: PhotoPart, rows: number): Generator<PhotoPart> {
  for (let row = 0; row < part.height; row += rows)
    yield { ...part, row: part.row + row, height: Math.min(rows, part.height - row) };
}

const wordsOf = ({ buffer, byteOffset, byteLength }: Uint8Array): Uint32Array =>
  new Uint32Array(buffer, byteOffset, byteLength / 4);

/** One word for each pixel; WebGPU runs on little-endian machines only. */
function withFourth(rgb: Uint8Array, words: Uint32Array): void {
  for (let from = 0, to = 0; from < rgb.length; from += 3, to++)
    words[to] = rgb[from]! | (rgb[from + 1]! << 8) | (rgb[from + 2]! << 16);
}

function withoutFourth(words: Uint32Array, into: { [at: number]: number }, start: number): void {
  for (let from = 0, to = start; from < words.length; from++, to += 3) {
    const word = words[from]!;
    into[to] = word & 255;
    into[to + 1] = (word >>> 8) & 255;
    into[to + 2] = (word >>> 16) & 255;
  }
}
