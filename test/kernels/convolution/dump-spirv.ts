/** Lets Dawn print the SPIR-V of the GPU kernels: `node scripts/run.mjs test/kernels/convolution/dump-spirv.ts`. */
import { readFileSync } from 'node:fs';
import { create } from 'webgpu';
import { driverOfProcess } from '../../../src/gpu/node/drivers';
import { setConstants } from '../../../src/gpu/shader-constants';
import { GATHER_TILES } from '../../../src/kernels/convolution/workgroup-tiles';

const gatherConstants = ({
  pixelLanes,
  channelLanes,
  pixels,
  blocks,
  patchWidth,
  depth,
}: (typeof GATHER_TILES)[number]) => ({
  ...{ PIXEL_LANES: pixelLanes, CHANNEL_LANES: channelLanes, PIXELS: pixels, BLOCKS: blocks },
  ...{ PATCH_W: patchWidth, DEPTH: depth, TAPS: 3 },
});

const KERNELS: readonly [name: string, file: string, constants: Readonly<Record<string, number>>][] = [
  ['gather, wide tile', 'conv2d_workgroup', gatherConstants(GATHER_TILES[0])],
  ['gather, narrow tile', 'conv2d_workgroup', gatherConstants(GATHER_TILES[5])],
  ['weight gradient', 'conv2d_weight_gradient_workgroup', {}],
];

Object.assign(process.env, (await driverOfProcess()).environment);
// Without the driver's own robustness, so that the shader's clamps are visible, as in a browser on a GPU that lacks
// it.
const toggles = [
  'enable-dawn-features=dump_shaders',
  'disable-dawn-features=vulkan_use_buffer_robust_access_2',
];
// Kept in a variable until the end: without its instance Dawn ends the process.
const gpu = create(toggles);
const adapter = await gpu.requestAdapter();
if (!adapter) {
  console.log('no adapter');
  process.exit();
}
const device = await adapter.requestDevice();
for (const [name, file, constants] of KERNELS) {
  const text = readFileSync(new URL(`../../../shaders/${file}.wgsl`, import.meta.url), 'utf8');
  const module = device.createShaderModule({ code: setConstants(file, text, constants) });
  console.log(`=== ${name}`);
  const entryPoint = 'main';
  await device.createComputePipelineAsync({ layout: 'auto', compute: { module, entryPoint } });
}
process.exit(0);
