import { MemoryError } from '../errors';
import { createStorageBuffers, upload } from '../gpu/buffers';
import { type CommandList, compilePipelines, record } from '../gpu/command-list';
import { RunCount } from '../gpu/run-count';
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

/** The most pixels of the result read at once. */
const READ_PIXELS = 2 ** 22;

/** Pixels converted to four bytes at a time. */
const REPACKED_PIXELS = 2 ** 18;

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
    readonly image: CheckedImage,
    readonly photo: GPUBuffer,
    readonly result: GPUBuffer,
    readonly profile: GPUBuffer,
    /** The device's run count at creation; work on this photo comes after it. */
    readonly since: number,
  ) {}

  /**
   * @param pixels the part to make room for, if not the whole photo.
   * @returns undefined if the device cannot work on the photo's numbers, or has no room.
   */
  static async create(
    gpu: Gpu,
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
        upload(gpu, profile, encodeProfile(codec.tables ?? null));
        return new PackedPhoto(gpu, image, photo, result, profile, submits);
      } catch (error) {
        if (!(error instanceof MemoryError)) throw error;
      }
    }
    return undefined;
  }

  /** Compiles the kernels of `view` ahead of time. */
  static async warmUp(gpu: Gpu, viewSize: number): Promise<void> {
    const context = contextOf<null>(gpu, 'view');
    const size = { size: viewSize, width: 1, height: 1, rows: 1 };
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
  hold(part: PhotoPart): PhotoPart {
    const wanted = this.isWhole ? this.whole : part;
    const held = this.#held;
    const isThere =
      held?.row === wanted.row &&
      held.column === wanted.column &&
      held.height === wanted.height &&
      held.width === wanted.width;
    if (!isThere) uploadPart(this.gpu, this.photo, this.image, wanted);
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
      const size3 = { size, width, height, rows };
      const calls = [
        photoViewAcross(context, { taps, weights, part, profile, photo, reduced }, size3),
        photoViewDown(context, { taps: rowTaps, weights: rowWeights, reduced, view }, size3),
      ];
      for (const call of calls) lists.push(await record(gpu, [call]));
      for (let row = 0; row < height; row += rows) {
        check();
        const count = Math.min(rows, height - row);
        this.hold({ row, column: 0, height: count, width });
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

  /**
   * Reads part of the result from the start of the buffer into the whole result, in smaller pieces if memory is
   * short.
   *
   * @throws {UnfinishedError} when the device dropped work on this photo.
   */
  async take(list: CommandList, part: PhotoPart, result: Samples): Promise<void> {
    let most = Math.max(1, Math.floor(READ_PIXELS / part.width));
    for (let row = 0; row < part.height; ) {
      const rows = Math.min(most, part.height - row);
      try {
        const bytes = { buffer: this.result, bytes: 4 * rows * part.width, offset: 4 * row * part.width };
        const taken = { ...part, row: part.row + row, height: rows };
        await list.readInto(
          [bytes],
          ([words]) => this.#put(new Uint8Array(words!), taken, result),
          this.since,
        );
        row += rows;
      } catch (error) {
        if (!(error instanceof MemoryError) || most === 1) throw error;
        most = Math.ceil(rows / 4);
      }
    }
  }

  #put(words: Uint8Array, part: PhotoPart, result: Samples): void {
    const { channels, width } = this.image;
    // Full rows are contiguous in the result too.
    const [rows, length] = part.width === width ? [1, part.height * width] : [part.height, part.width];
    for (let row = 0; row < rows; row++) {
      const from = words.subarray(4 * row * length, 4 * (row + 1) * length);
      const start = channels * ((part.row + row) * width + part.column);
      if (channels === 4) result.set(from, start);
      else withoutFourth(from, result, start);
    }
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

/** Queues a part of a photo, at four bytes per pixel. */
function uploadPart(gpu: Gpu, buffer: GPUBuffer, image: CheckedImage, part: PhotoPart): void {
  const { channels, width } = image;
  const data = image.data as Uint8Array;
  const start = (row: number) => channels * ((part.row + row) * width + part.column);
  const isContiguous = part.width === width || part.height === 1;
  if (channels === 4 && isContiguous && data.buffer instanceof ArrayBuffer) {
    const length = 4 * part.height * part.width;
    upload(gpu, buffer, new Uint8Array(data.buffer, data.byteOffset + start(0), length));
    return;
  }
  // A few rows at a time, so that the memory stays in the cache.
  const most = Math.min(part.height, Math.max(1, Math.floor(REPACKED_PIXELS / part.width)));
  const rgba = new Uint8Array(4 * most * part.width);
  for (let first = 0; first < part.height; first += most) {
    const rows = Math.min(most, part.height - first);
    for (let row = 0; row < rows; row++) {
      const from = data.subarray(start(first + row), start(first + row) + channels * part.width);
      const to = 4 * row * part.width;
      if (channels === 4) rgba.set(from, to);
      else withFourth(from, rgba, to);
    }
    upload(gpu, buffer, rgba.subarray(0, 4 * rows * part.width), 4 * first * part.width);
  }
}

function withFourth(rgb: Uint8Array, rgba: Uint8Array, start: number): void {
  for (let from = 0, to = start; from < rgb.length; from += 3, to += 4) {
    rgba[to] = rgb[from]!;
    rgba[to + 1] = rgb[from + 1]!;
    rgba[to + 2] = rgb[from + 2]!;
  }
}

function withoutFourth(rgba: Uint8Array, into: { [at: number]: number }, start: number): void {
  for (let from = 0, to = start; from < rgba.length; from += 4, to += 3) {
    into[to] = rgba[from]!;
    into[to + 1] = rgba[from + 1]!;
    into[to + 2] = rgba[from + 2]!;
  }
}
