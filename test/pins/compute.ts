/**
 * Prints, as JSON, digests of what a device computes:
 * `GLOCAL_DRIVER=lavapipe node scripts/run.mjs test/pins/compute.ts`.
 */
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { openNodeGpu } from '../../src/gpu/node/dawn';
import type { Gpu } from '../../src/gpu/types';
import { Enhancer } from '../../src/index-node';
import { conv2dForward, conv2dWeightGradient, convTranspose2dForward } from '../../src/kernels/conv2d';
import {
  CONVOLUTION_FAMILIES,
  type ConvolutionFamily,
  type KernelPolicy,
  policyFor,
} from '../../src/kernels/policy';
import { adapterKey } from '../../src/kernels/tuning';
import { networkConfig } from '../../src/model/config';
import type { ModelConfig } from '../../src/model/model-config';
import { Random } from '../../src/random';
import { stepSchedule } from '../../src/train/schedule';
import { Trainer } from '../../src/train/trainer';
import { KernelHarness } from '../kernels/harness';
import { randomDense } from '../support/random';
import { type Digests, hostKey } from './digests';

const STEPS = 20;

function digest(...parts: readonly ArrayBufferView[]): string {
  const hash = createHash('sha256');
  for (const { buffer, byteOffset, byteLength } of parts)
    hash.update(new Uint8Array(buffer, byteOffset, byteLength));
  return hash.digest('hex').slice(0, 16);
}

/** A 16-bit photo, enhanced by the shipped network. */
async function enhancement(gpu: Gpu): Promise<string> {
  const [width, height] = [96, 80];
  const random = new Random('photo');
  const data = Uint16Array.from({ length: 3 * width * height }, () => random.integer(16000));
  const model = readFileSync(new URL('../../weights/nano.safetensors', import.meta.url));
  const enhancer = await Enhancer.create({ model, gpu, policy: policyFor(gpu.traits) });
  const after = await enhancer.run({ data, width, height, channels: 3 });
  await enhancer.dispose();
  return digest(after.data);
}

/** The losses and the final state of a short training. */
async function training(gpu: Gpu, network: ModelConfig, steps: number): Promise<string> {
  const [batch, patch] = [4, 32];
  const trainer = await Trainer.create(gpu, { network, batch, patch, seed: 5, validationSize: 32 });
  const losses: number[] = [];
  for (let step = 0; step < steps; step++) {
    const random = new Random('batch').fork(step);
    const input = Float32Array.from({ length: batch * 3 * patch ** 2 }, () => random.uniform());
    trainer.step(
      { input, target: input.map(Math.sqrt) },
      stepSchedule({ rate: 0.001, warmup: 2, steps }, step),
    );
    losses.push(await trainer.loss());
  }
  const state = await trainer.readState();
  trainer.destroy();
  return digest(Float32Array.from(losses), ...[...state.values()].map(({ data }) => data));
}

/** Both convolutions and their gradients in one family. */
async function convolutions(gpu: Gpu, family: ConvolutionFamily): Promise<string> {
  const [channels, side, kernel, stride] = family === 'winograd' ? [64, 24, 3, 1] : [9, 18, 4, 2];
  const policy: KernelPolicy = { ...policyFor(gpu.traits), gather: [family], weightGradient: [family] };
  const harness = new KernelHarness(gpu, gpu.traits, policy);
  const { context } = harness;
  const attributes = { stride, padding: 1 };
  const out = Math.floor((side + 2 - kernel) / stride) + 1;
  const x = harness.input('x', randomDense([2, channels, side, side], 1));
  const w = harness.input('w', randomDense([channels, channels, kernel, kernel], 2), 'weight');
  const bias = harness.input('bias', randomDense([1, channels, 1, 1], 3));
  const y = harness.output('y', [2, channels, out, out]);
  const dx = harness.output('dx', x.shape);
  const dw = harness.output('dw', w.shape, 'weight');
  await harness.run([
    ...conv2dForward(context, { x, w, y, bias }, { ...attributes, relu: true }),
    ...convTranspose2dForward(context, { x: y, w, y: dx }, attributes),
    ...conv2dWeightGradient(context, { x, dy: y, dw }, attributes),
  ]);
  return digest(...[y, dx, dw].map((tensor) => harness.read(tensor)));
}

const gpu = await openNodeGpu();
const narrow = networkConfig({ width: 8, globalWidth: 8, globalSize: 32 });
const families: Record<string, string> = {};
for (const family of CONVOLUTION_FAMILIES) families[family] = await convolutions(gpu, family);
const digests: Digests = {
  adapter: adapterKey(gpu.traits),
  host: hostKey(),
  enhancement: await enhancement(gpu),
  training: await training(gpu, narrow, STEPS),
  drht: await training(gpu, { kind: 'drht', width: 2 }, 3),
  convolutions: families,
};
gpu.destroy();
console.log(JSON.stringify(digests));
