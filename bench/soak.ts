/**
 * Enhances 200 photos of changing sizes in one process and prints the memory in use: `npm run soak [RUNS]`. It should
 * be constant: device buffers to the byte, the process from about the 50th run on, when V8's heap has settled.
 */
import { existsSync } from 'node:fs';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { NodeEnhancer } from '../src/enhance/node/enhancer';
import { loadModel } from '../src/enhance/node/models';
import { openNodeGpu } from '../src/gpu/node/dawn';
import { encodeWeights, initialWeights, PRESETS } from '../src/model';
import type { RasterImage } from '../src/photo/image';
import { Random } from '../src/random';
import { mebibytes } from '../src/units';

const SIZES = [
  [160, 120],
  [96, 144],
  [333, 64],
] as const;

setFlagsFromString('--expose-gc');
const collectGarbage: () => void = runInNewContext('gc');
const runs = Number(process.argv[3] ?? 200);
const shown = new Set([1, ...[1, 2, 3, 4].map((quarter) => Math.ceil((quarter * runs) / 4))]);

const gpu = await openNodeGpu();
let deviceBytes = 0;
const createBuffer = gpu.device.createBuffer.bind(gpu.device);
gpu.device.createBuffer = (descriptor) => {
  const buffer = createBuffer(descriptor);
  const destroy = buffer.destroy.bind(buffer);
  let bytes = buffer.size;
  deviceBytes += bytes;
  buffer.destroy = () => {
    deviceBytes -= bytes;
    bytes = 0;
    destroy();
  };
  return buffer;
};

const model = existsSync('weights/nano.safetensors')
  ? await loadModel('weights/nano.safetensors')
  : encodeWeights(initialWeights(PRESETS.nano, 1), PRESETS.nano);
const enhancer = await NodeEnhancer.create({ gpu, model });
const photos = SIZES.map(([width, height]): RasterImage => {
  const random = new Random(width);
  const data = Uint8Array.from({ length: 3 * width * height }, () => Math.floor(256 * random.uniform()));
  return { data, width, height, channels: 3 };
});

console.log(`${gpu.traits.description}, ${runs} runs`);
console.log('run  device buffers, MiB  process (RSS), MiB');
// All sizes once, so that the first line includes their one-time costs.
for (const photo of photos) await enhancer.run(photo);
for (let run = 1; run <= runs; run++) {
  await enhancer.run(photos[run % photos.length]!);
  if (shown.has(run)) print(String(run));
}
await enhancer.dispose();
print('disposed');
gpu.destroy();

function print(run: string): void {
  collectGarbage();
  console.log(`${run}  ${mebibytes(deviceBytes, 2)}  ${mebibytes(process.memoryUsage().rss, 2)}`);
}
