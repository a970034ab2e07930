import { mapped, type ReadStaging, upload } from './buffers';
import { BUFFER_USAGE, MAP_MODE_WRITE } from './flags';
import type { Gpu } from './types';

/** The most bytes in one piece: small, so that little memory is touched for the first time. */
export const PIECE_BYTES = 2 ** 22;

/** Room beside a piece that is read, for the count of submits. */
const BESIDE = 16;

/** Pieces under way at once, in each direction. */
const IN_FLIGHT = 2;

/** Smaller transfers are left to the browser's or Dawn's own memory. */
const LEAST_BYTES = 2 ** 20;

const isKept = (bytes: number): boolean => bytes >= LEAST_BYTES && bytes <= PIECE_BYTES;

/**
 * Host memory for transfers, reused from photo to photo, because touching memory for the first time costs more than
 * copying. Nobody else sees this memory, so results given to callers are never overwritten.
 */
export class Staging implements ReadStaging {
  readonly #uploads: { readonly buffer: GPUBuffer; readonly ready: Promise<void> }[] = [];
  readonly #reads: GPUBuffer[] = [];

  constructor(private readonly gpu: Gpu) {}

  /** Bytes kept between transfers. */
  get bytes(): number {
    return this.#uploads.length * PIECE_BYTES + this.#reads.length * (PIECE_BYTES + BESIDE);
  }

  /**
   * Queues bytes for a buffer. Calls must not overlap.
   *
   * @param bytes a multiple of 4, as is the offset. More than `PIECE_BYTES` take new memory.
   * @param fill writes all of them.
   * @throws {DeviceLostError} when the device is lost.
   */
  async upload(
    to: GPUBuffer,
    offset: number,
    bytes: number,
    fill: (piece: Uint8Array) => void,
  ): Promise<void> {
    if (!isKept(bytes)) {
      const piece = new Uint8Array(bytes);
      fill(piece);
      return upload(this.gpu, to, piece, offset);
    }
    const { device } = this.gpu;
    const buffer = await this.#writable();
    fill(new Uint8Array(buffer.getMappedRange(0, bytes)));
    buffer.unmap();
    const encoder = device.createCommandEncoder({ label: 'upload' });
    encoder.copyBufferToBuffer(buffer, 0, to, offset, bytes);
    device.queue.submit([encoder.finish()]);
    const ready = mapped(this.gpu, buffer, MAP_MODE_WRITE, 'sending a photo');
    ready.catch(() => {}); // Handled when the buffer is needed.
    this.#uploads.push({ buffer, ready });
  }

  take(bytes: number): GPUBuffer | undefined {
    if (!isKept(bytes - BESIDE)) return undefined;
    const usage = BUFFER_USAGE.MAP_READ | BUFFER_USAGE.COPY_DST;
    return (
      this.#reads.pop() ??
      this.gpu.device.createBuffer({ label: 'read staging', size: PIECE_BYTES + BESIDE, usage })
    );
  }

  keep(buffer: GPUBuffer): void {
    if (buffer.size === PIECE_BYTES + BESIDE && this.#reads.length < IN_FLIGHT) this.#reads.push(buffer);
    else buffer.destroy();
  }

  destroy(): void {
    for (const { buffer } of this.#uploads.splice(0)) buffer.destroy();
    for (const buffer of this.#reads.splice(0)) buffer.destroy();
  }

  /** A mapped buffer: the one whose copy was queued first, or a new one while there are few. */
  async #writable(): Promise<GPUBuffer> {
    if (this.#uploads.length < IN_FLIGHT) {
      const usage = BUFFER_USAGE.MAP_WRITE | BUFFER_USAGE.COPY_SRC;
      return this.gpu.device.createBuffer({
        label: 'upload staging',
        size: PIECE_BYTES,
        usage,
        mappedAtCreation: true,
      });
    }
    const { buffer, ready } = this.#uploads.shift()!;
    try {
      await ready;
      return buffer;
    } catch (error) {
      buffer.destroy();
      throw error;
    }
  }
}
