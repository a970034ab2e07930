/**
 * Short trainings with and without Winograd's method, from the same seeds on the same pairs: `node scripts/run.mjs
 * bench/winograd-seeds.ts [STEPS] [WIDTH]`. The difference between the two should be within the variation among
 * seeds.
 */
import { listBundledScenes } from '../src/data/node/bundled-scenes';
import { openPairs } from '../src/data/node/pairs';
import { DEFAULT_SYNTHESIS } from '../src/data/synthesis-config';
import { openNodeGpu } from '../src/gpu/node/dawn';
import type { Gpu } from '../src/gpu/types';
import { type KernelPolicy, policyFor } from '../src/kernels/policy';
import { withPolicy } from '../src/kernels/tuned-gpu';
import { PRESETS } from '../src/model/config';
import { toBatch } from '../src/train/batch';
import { stepSchedule } from '../src/train/schedule';
import { Trainer } from '../src/train/trainer';

const SEEDS = [1, 2, 3];
const BATCH = 4;
const PATCH = 64;
const VALIDATION = 8;
/** Fewest channels for Winograd, whatever the adapter's own policy. */
const CHANNELS = 64;
/** Pairs shared by all trainings. */
const POOL = 64;

const steps = Number(process.argv[3] ?? 80);
const width = Number(process.argv[4] ?? 16);
const network = { ...PRESETS.small, width };
const schedule = { rate: 0.002, warmup: Math.ceil(steps / 10), steps };

const gpu = await openNodeGpu();
const shipped = policyFor(gpu.traits);
const without = (families: KernelPolicy['gather']) => families.filter((family) => family !== 'winograd');
const policies = {
  winograd: {
    ...shipped,
    gather: ['winograd', ...without(shipped.gather)],
    weightGradient: ['winograd', ...without(shipped.weightGradient)],
    winogradChannels: { gather: CHANNELS, weightGradient: CHANNELS },
  },
  direct: { ...shipped, gather: without(shipped.gather), weightGradient: without(shipped.weightGradient) },
} as const satisfies Record<string, KernelPolicy>;

const source = openPairs({
  scenes: await listBundledScenes(),
  seed: 7,
  config: { ...DEFAULT_SYNTHESIS, patch: PATCH },
  workers: 0,
  onNotice: (message) => console.error(message),
});
const pairs = await Promise.all(Array.from({ length: POOL + VALIDATION }, (_, k) => source.make(k)));
const validation = pairs.slice(POOL);

/** Validation PSNR in dB after a training. */
async function psnrAfter(device: Gpu, seed: number): Promise<number> {
  const options = { network, batch: BATCH, patch: PATCH, seed, validationSize: PATCH };
  const trainer = await Trainer.create(device, options);
  for (let step = 0; step < steps; step++) {
    const chosen = Array.from({ length: BATCH }, (_, k) => pairs[((step + seed) * BATCH + k) % POOL]!);
    trainer.step(toBatch(chosen), stepSchedule(schedule, step));
    if (step % 10 === 9) await trainer.loss();
  }
  const psnr = await trainer.validate(validation);
  trainer.destroy();
  return psnr;
}

console.log(`${gpu.traits.description}: width ${width}, ${steps} steps of ${BATCH} x ${PATCH} x ${PATCH}`);
const differences: number[] = [];
const directs: number[] = [];
for (const seed of SEEDS) {
  const winograd = await psnrAfter(withPolicy(gpu, policies.winograd), seed);
  const direct = await psnrAfter(withPolicy(gpu, policies.direct), seed);
  differences.push(Math.abs(winograd - direct));
  directs.push(direct);
  console.log(`seed ${seed}: ${winograd.toFixed(3)} dB with, ${direct.toFixed(3)} dB without`);
}
gpu.destroy();
const spread = Math.max(...directs) - Math.min(...directs);
const most = Math.max(...differences);
console.log(`largest difference ${most.toFixed(3)} dB, spread of the seeds ${spread.toFixed(3)} dB`);
process.exitCode = most <= spread ? 0 : 1;
