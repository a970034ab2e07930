import { DeviceLostError, GlocalError, MemoryError } from '../errors';
import { mebibytes } from '../units';
import { BUFFER_USAGE, MAP_MODE_READ } from './flags';
import type { Gpu } from './types';

/**
 * A zeroed storage buffer that can be written and read back.
 *
 * @param bytes at least 1; rounded up to a multiple of 16.
 * @throws {MemoryError} above the device's limits, or when the device is out of memory.
 */
export async function createStorageBuffer(gpu: Gpu, bytes: number, label = 'storage'): Promise<GPUBuffer> {
  const [buffer] = await createStorageBuffers(gpu, [{ bytes, label }]);
  return buffer!;
}

/** Creates several at once, waiting only once. If one fails, none is kept. */
export async function createStorageBuffers(
  gpu: Gpu,
  wanted: readonly { readonly bytes: number; readonly label?: string }[],
): Promise<GPUBuffer[]> {
  const { device } = gpu;
  for (const { bytes, label = 'storage' } of wanted) checkSize(gpu, bytes, label);
  const usage = BUFFER_USAGE.STORAGE | BUFFER_USAGE.COPY_SRC | BUFFER_USAGE.COPY_DST;
  const { value: buffers, error } = await catchOutOfMemory(device, () =>
    wanted.map(({ bytes, label = 'storage' }) =>
      device.createBuffer({ label, size: align(bytes, 16), usage }),
    ),
  );
  if (gpu.isLost || error) for (const buffer of buffers) buffer.destroy();
  if (gpu.isLost) throw new DeviceLostError('The device was lost while allocating memory.');
  if (error) {
    const total = wanted.reduce((sum, { bytes }) => sum + bytes, 0);
    throw new MemoryError(
      `The device has no ${mebibytes(total, 1)} left for ${wanted.length} buffer(s): ${error.message} ` +
        'Use a smaller photo, batch or patch.',
    );
  }
  return buffers;
}

/** Queues a copy of bytes into the buffer. Length and offset must be multiples of 4. */
export function upload(gpu: Gpu, buffer: GPUBuffer, data: ArrayBufferView<ArrayBuffer>, offset = 0): void {
  gpu.device.queue.writeBuffer(buffer, offset, data.buffer, data.byteOffset, data.byteLength);
}

/**
 * Waits for all queued work and copies bytes out of the buffer (default: all of them). The copy is queued before this
 * returns its promise, so later work does not affect it.
 *
 * @param bytes a multiple of 4, as is `offset`.
 * @throws {DeviceLostError} when the device is lost before the bytes arrive.
 * @throws {MemoryError} when there is no memory for the copy.
 */
export async function readBuffer(
  gpu: Gpu,
  buffer: GPUBuffer,
  bytes: number = buffer.size,
  offset = 0,
): Promise<ArrayBuffer> {
  return readParts(gpu, [{ buffer, bytes, offset }], ([content]) => content!.slice(0));
}

/** A range for `readParts`, in multiples of 4. */
export interface BufferPart {
  readonly buffer: GPUBuffer;
  readonly bytes: number;
  readonly offset: number;
}

/** Buffers that are mapped for reading, reused from read to read. */
export interface ReadStaging {
  /** An unmapped buffer of at least this size for one read; undefined if none is kept for this size. */
  take(bytes: number): GPUBuffer | undefined;
  /** Takes back the buffer of a read, unmapped. */
  keep(buffer: GPUBuffer): void;
}

/**
 * Like `readBuffer`, for ranges of several buffers at the same moment. Messages name the last.
 *
 * @param use receives the bytes, which are valid only until it returns.
 * @param kept keeps the buffer that is mapped. Default: a new one, destroyed at the end.
 */
export async function readParts<T>(
  gpu: Gpu,
  parts: readonly BufferPart[],
  use: (contents: readonly ArrayBuffer[]) => T,
  kept?: ReadStaging,
): Promise<T> {
  const { device } = gpu;
  const { label } = parts.at(-1)!.buffer;
  if (gpu.isLost) throw new DeviceLostError(`The device is lost, so "${label}" cannot be read.`);
  let total = 0;
  const places = parts.map(({ bytes }) => {
    const start = total;
    total += align(bytes, 8);
    return start;
  });
  const usage = BUFFER_USAGE.MAP_READ | BUFFER_USAGE.COPY_DST;
  // Without memory the copy is invalid too; this second error must not be reported as well.
  device.pushErrorScope('validation');
  const queued = catchOutOfMemory(device, () => {
    const staging = kept?.take(total) ?? device.createBuffer({ label: `read ${label}`, size: total, usage });
    const encoder = device.createCommandEncoder({ label: `read ${label}` });
    parts.forEach(({ buffer, bytes, offset }, at) => {
      encoder.copyBufferToBuffer(buffer, offset, staging, places[at]!, bytes);
    });
    device.queue.submit([encoder.finish()]);
    return staging;
  });
  const scopes = Promise.all([queued, device.popErrorScope()]);
  const [{ value: staging, error }, invalid] = await scopes.catch(async (cause: unknown) => {
    throw await asLost(gpu, cause, `reading "${label}"`);
  });
  if (error) throw new MemoryError(`No memory to read ${mebibytes(total, 1)} back: ${error.message}`);
  if (invalid) throw new GlocalError(`"${label}" cannot be read: ${invalid.message}`);
  try {
    await mapped(gpu, staging, MAP_MODE_READ, `reading "${label}"`);
    return use(parts.map(({ bytes }, at) => staging.getMappedRange(places[at]!, bytes)));
  } finally {
    if (kept && staging.mapState === 'mapped') {
      staging.unmap();
      kept.keep(staging);
    } else staging.destroy();
  }
}

/**
 * Maps a buffer, after all queued work that uses it.
 *
 * @param doing for the message of an error.
 * @throws {DeviceLostError} when the device is lost meanwhile.
 */
export async function mapped(
  gpu: Gpu,
  buffer: GPUBuffer,
  mode: GPUMapModeFlags,
  doing: string,
): Promise<void> {
  try {
    await gpu.wait(buffer.mapAsync(mode));
  } catch (cause) {
    throw await asLost(gpu, cause, doing);
  }
}

/**
 * Resolves when all submitted work is done.
 *
 * @throws {DeviceLostError} when the device is lost meanwhile.
 */
export async function finished(gpu: Gpu): Promise<void> {
  try {
    await gpu.wait(gpu.device.queue.onSubmittedWorkDone());
  } catch (cause) {
    throw await asLost(gpu, cause, 'waiting for the device');
  }
  if (gpu.isLost) throw new DeviceLostError('The device was lost while working.');
}

/** How long after a failed call a device loss may be reported. */
const LOSS_NEWS_MS = 1000;

async function asLost(gpu: Gpu, cause: unknown, doing: string): Promise<unknown> {
  const info = await Promise.race([
    gpu.lost,
    new Promise<undefined>((done) => setTimeout(done, LOSS_NEWS_MS)),
  ]);
  if (!info) return cause;
  const reason = info.message || info.reason;
  return new DeviceLostError(
    `The device was lost while ${doing} (${reason}). Try again: a new one is opened.`,
    { cause },
  );
}

/** `make` must be synchronous, so that no other work falls into the error scope. */
async function catchOutOfMemory<T>(
  device: GPUDevice,
  make: () => T,
): Promise<{ value: T; error: GPUError | null }> {
  device.pushErrorScope('out-of-memory');
  const value = make();
  return { value, error: await device.popErrorScope() };
}

function checkSize(gpu: Gpu, bytes: number, label: string): void {
  if (!Number.isInteger(bytes) || bytes < 1) {
    throw new MemoryError(`The buffer "${label}" cannot have ${bytes} bytes.`);
  }
  const { maxBufferSize, maxStorageBufferBindingSize } = gpu.traits.limits;
  const most = Math.min(maxBufferSize, maxStorageBufferBindingSize);
  if (bytes > most) {
    throw new MemoryError(
      `The buffer "${label}" needs ${mebibytes(bytes, 1)}, but this device holds at most ${mebibytes(most, 1)} in one ` +
        'piece. Use a smaller photo, batch or patch.',
    );
  }
}

const align = (n: number, to: number): number => Math.ceil(n / to) * to;
