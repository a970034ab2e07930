/**
 * Host cost of an 8-bit photo: time of the host thread and bytes on the bus per pixel, without the network: `node
 * scripts/run.mjs bench/host-path.ts [MEGAPIXELS] [device]`, on Linux. `host converts` is the path still used for 16-bit
 * photos, `device converts` that for 8 bits; tiles are those of `nano`. Measures processor time of the thread instead
 * of elapsed time, so that software adapters and other programs do not matter.
 */
import { readFileSync } from 'node:fs';
import { globalView } from '../src/enhance/global-view';
import { PackedPhoto } from '../src/enhance/packed-photo';
import { enhancePacked } from '../src/enhance/packed-tiles';
import type { Job } from '../src/enhance/photo-model';
import { blendCore, readWindow } from '../src/enhance/pixels';
import { haloOf } from '../src/enhance/receptive-field';
import { planTiles, tilesOf } from '../src/enhance/tiles';
import { createStorageBuffers, readBuffer, upload } from '../src/gpu/buffers';
import { openNodeGpu } from '../src/gpu/node/dawn';
import { Staging } from '../src/gpu/staging';
import type { Gpu } from '../src/gpu/types';
import { byteLength, pack, type Shape, type Tensor, unpack } from '../src/kernels/tensor';
import { PRESETS } from '../src/model';
import type { CheckedImage } from '../src/photo/image';
import { codecOf } from '../src/photo/pixel-codec';

const VIEW = 128;
const TILE_PIXELS = 2048 ** 2;
const ROUNDS = 3;

const megapixels = Number(process.argv[3] ?? 12);
const width = 16 * Math.round(Math.sqrt((megapixels * 1e6 * 4) / 3) / 16);
const height = 16 * Math.round((megapixels * 1e6) / width / 16);
const plan = planTiles(height, width, { alignment: 16, halo: haloOf(PRESETS.nano), maxPixels: TILE_PIXELS })!;
const tiles = tilesOf(plan);

/** Nanoseconds that this thread has spent on a processor. */
const threadTime = (): number => Number(readFileSync('/proc/thread-self/schedstat', 'utf8').split(' ')[0]);

function photo(colorSpace: 'srgb' | 'display-p3', channels: 3 | 4 = 4): CheckedImage {
  const data = new Uint8ClampedArray(channels * width * height);
  for (let i = 0; i < data.length; i++) data[i] = Math.imul(i, 2654435761) >>> 24;
  return { data, width, height, channels, colorSpace };
}

/** Counts for one run: bytes to and from the device, and time in which the thread only polls. */
interface Counts {
  up: number;
  down: number;
  asking: number;
}

/** The same device with its calls counted. */
function counted(gpu: Gpu): { gpu: Gpu; counts: Counts } {
  const counts: Counts = { up: 0, down: 0, asking: 0 };
  const bound = (target: object, name: PropertyKey) => {
    const value: unknown = Reflect.get(target, name, target);
    return typeof value === 'function' ? value.bind(target) : value;
  };
  const queue = new Proxy(gpu.device.queue, {
    get: (target, name) =>
      name === 'writeBuffer'
        ? (...call: Parameters<GPUQueue['writeBuffer']>) => {
            counts.up += call[4] ?? 0;
            target.writeBuffer(...call);
          }
        : bound(target, name),
  });
  let waits = 0;
  let mark = 0;
  /** Adds what passed since the last change to the time of polling, if nothing but that went on. */
  const turn = (change: number) => {
    const now = threadTime();
    if (waits > 0) counts.asking += now - mark;
    mark = now;
    waits += change;
  };
  const device = new Proxy(gpu.device, {
    get: (target, name) => {
      if (name === 'queue') return queue;
      if (name === 'createCommandEncoder')
        return (descriptor?: GPUCommandEncoderDescriptor) =>
          countCopies(target.createCommandEncoder(descriptor), counts);
      if (name !== 'createBuffer') return bound(target, name);
      return (descriptor: GPUBufferDescriptor) => {
        const buffer = target.createBuffer(descriptor);
        // What the host does with mapped memory while another buffer is waited for is not polling.
        const [map, unmap, destroy] = [buffer.getMappedRange, buffer.unmap, buffer.destroy];
        let paused = 0;
        const resume = () => {
          turn(paused);
          paused = 0;
        };
        buffer.getMappedRange = (...range) => {
          if (paused === 0) {
            paused = waits;
            turn(-waits);
          }
          return map.apply(buffer, range);
        };
        buffer.unmap = () => {
          unmap.call(buffer);
          resume();
        };
        buffer.destroy = () => {
          destroy.call(buffer);
          resume();
        };
        return buffer;
      };
    },
  });
  const wait = async <T>(news: Promise<T>): Promise<T> => {
    turn(1);
    try {
      return await gpu.wait(news);
    } finally {
      turn(-1);
    }
  };
  const changes = { device: { value: device }, wait: { value: wait } };
  return { gpu: Object.create(gpu, changes) as Gpu, counts };
}

/** Adds the bytes of copies from and to mapped memory. */
function countCopies(encoder: GPUCommandEncoder, counts: Counts): GPUCommandEncoder {
  const copy = encoder.copyBufferToBuffer as (...call: unknown[]) => void;
  encoder.copyBufferToBuffer = (from: GPUBuffer, ...call: unknown[]) => {
    const [to, bytes] = [call.find((part) => typeof part === 'object') as GPUBuffer, call.at(-1) as number];
    if (from.label.startsWith('upload ')) counts.up += bytes;
    if (to.label.startsWith('read ')) counts.down += bytes;
    copy.call(encoder, from, ...call);
  };
  return encoder;
}

interface Work {
  readonly gpu: Gpu;
  readonly image: CheckedImage;
  /** The enhancer's, kept from photo to photo. */
  readonly staging: Staging;
  /** Stands in for a network: its input and output, which are never computed. */
  readonly window: Tensor<GPUBuffer>;
  readonly enhanced: Tensor<GPUBuffer>;
}

const FORMS = [
  ['srgb', 4],
  ['display-p3', 4],
  ['srgb', 3],
] as const;

const LOOK = { strength: 1, keepHue: false, tone: null };

async function hostConverts({ gpu, image, window, enhanced }: Omit<Work, 'staging'>): Promise<void> {
  const codec = codecOf(image);
  const result = new Uint8ClampedArray(image.data);
  globalView(image, codec, VIEW);
  let packed: Float32Array<ArrayBuffer> | undefined;
  for (const tile of tiles) {
    packed = pack(readWindow(image, codec, tile.window), window.shape, 'activation', packed);
    upload(gpu, window.buffer, packed);
    const stored = new Float32Array(await readBuffer(gpu, enhanced.buffer));
    blendCore(unpack(stored, enhanced.shape, 'activation'), { ...tile, ...LOOK }, image, codec, result);
  }
}

/** The result replaces the photo, as it does when the numbers are the enhancer's own. */
async function deviceConverts({ gpu, image, window, enhanced, staging }: Work): Promise<void> {
  const codec = codecOf(image);
  const result = image.data;
  const packed = (await PackedPhoto.create(gpu, staging, image, codec))!;
  const view = await packed.view(VIEW, () => {});
  const job: Job = { image, codec, packed, view, result, ...LOOK, check: () => {}, report: () => {} };
  const program = { window, enhanced, runInPlace: () => Promise.resolve() };
  await enhancePacked(gpu, job, packed, { tiles, program, feature: undefined });
  packed.destroy();
}

const opened = await openNodeGpu();
const shape: Shape = [1, 3, plan.window.height, plan.window.width];
const bytes = byteLength(shape, 'activation', 'f32');
const [x, y] = (await createStorageBuffers(opened, [{ bytes }, { bytes }])) as [GPUBuffer, GPUBuffer];
const tensor = (buffer: GPUBuffer): Tensor<GPUBuffer> => ({ shape, layout: 'activation', buffer });
console.log(`${width} x ${height}, ${tiles.length} tiles of ${plan.window.width} x ${plan.window.height}`);
const fresh = photo('srgb').data;
const start = threadTime();
const copy = fresh.slice();
const copyTime = (threadTime() - start) / (width * height);
console.log(`for scale: a fresh copy of ${copy.length} bytes takes ${copyTime.toFixed(1)} ns per pixel`);
// Given "device", leaves out the slower path.
const runs = {
  ...(process.argv[4] !== 'device' && { 'host converts': hostConverts }),
  'device converts': deviceConverts,
};
for (const [name, run] of Object.entries(runs)) {
  for (const [colorSpace, channels] of FORMS) {
    const image = photo(colorSpace, channels);
    const { gpu, counts } = counted(opened);
    const staging = new Staging(gpu);
    const times: number[] = [];
    for (let round = 0; round < ROUNDS; round++) {
      Object.assign(counts, { up: 0, down: 0, asking: 0 });
      const start = threadTime();
      await run({ gpu, image, window: tensor(x), enhanced: tensor(y), staging });
      times.push(threadTime() - start - counts.asking);
    }
    staging.destroy();
    const perPixel = (value: number) => (value / (width * height)).toFixed(1);
    const { up, down, asking } = counts;
    console.log(
      `${name.padEnd(16)}${`${colorSpace} x ${channels}`.padEnd(16)}${perPixel(Math.min(...times))} ns per pixel, ${perPixel(times[0]!)} the first time (and ${perPixel(asking)} polling a ` +
        `software adapter), ${perPixel(up)} bytes up, ${perPixel(down)} down`,
    );
  }
}
opened.destroy();
