/**
 * What clearing workgroup memory costs SwiftShader's compiler: `node scripts/run.mjs bench/workgroup-memory.ts`. Prints
 * the milliseconds that kernels with much of it take to compile when the driver clears it, and when the kernel does.
 */
import { readFileSync } from 'node:fs';
import { create } from 'webgpu';
import { driverOfProcess, SLOW_ON_SWIFTSHADER } from '../src/gpu/node/drivers';
import { setConstants } from '../src/gpu/shader-constants';

const KERNELS = [
  { file: 'batch_norm_statistics', entryPoint: 'moments', constants: { LANES: 256 } },
  { file: 'batch_norm_backward_sums', entryPoint: 'total', constants: { LANES: 256 } },
  { file: 'conv2d_workgroup', entryPoint: 'main', constants: {} },
];

process.env.GLOCAL_DRIVER = 'swiftshader';
Object.assign(process.env, (await driverOfProcess()).environment);
// Kept until the end: Dawn ends a process that loses an instance.
const instances: GPU[] = [];
for (const state of ['enable', 'disable']) {
  const gpu = create([`${state}-dawn-features=${SLOW_ON_SWIFTSHADER}`]);
  instances.push(gpu);
  const device = await (await gpu.requestAdapter())!.requestDevice();
  for (const { file, entryPoint, constants } of KERNELS) {
    const text = readFileSync(new URL(`../shaders/${file}.wgsl`, import.meta.url), 'utf8');
    const module = device.createShaderModule({ code: setConstants(file, text, constants) });
    const start = performance.now();
    await device.createComputePipelineAsync({ layout: 'auto', compute: { module, entryPoint } });
    const milliseconds = Math.round(performance.now() - start);
    console.log(`cleared by the ${state === 'enable' ? 'driver' : 'kernel'}: ${file} ${milliseconds} ms`);
  }
}
process.exit(0);
