/**
 * Overfits one batch of 4 pairs: `npm run overfit [STEPS] [PATCH]`. A correct network and training reach over 35 dB;
 * a single wrong gradient stalls far below that.
 */
import { listBundledScenes } from '../src/data/node/bundled-scenes';
import { openPairs } from '../src/data/node/pairs';
import { DEFAULT_SYNTHESIS } from '../src/data/synthesis-config';
import { openNodeGpu } from '../src/gpu/node/dawn';
import { PRESETS } from '../src/model/config';
import { toBatch } from '../src/train/batch';
import { type Schedule, stepSchedule } from '../src/train/schedule';
import { Trainer } from '../src/train/trainer';

const PAIRS = 4;
const GOAL_DB = 35;
const SEED = 1;

const steps = Number(process.argv[3] ?? 1000);
const patch = Number(process.argv[4] ?? 32);
// Without the noise of changing batches, four times the usual rate works.
const schedule: Schedule = { rate: 0.008, warmup: 50, steps };

const gpu = await openNodeGpu();
const source = openPairs({
  scenes: await listBundledScenes(),
  seed: SEED,
  config: { ...DEFAULT_SYNTHESIS, patch },
  workers: 0,
  onNotice: (message) => console.error(message),
});
const pairs = await Promise.all(Array.from({ length: PAIRS }, (_, k) => source.make(k)));
const batch = toBatch(pairs);
const network = PRESETS.nano;
const trainer = await Trainer.create(gpu, {
  network,
  batch: PAIRS,
  patch,
  seed: SEED,
  validationSize: patch,
});
console.log(
  `${trainer.adapter}: ${PAIRS} pairs of ${patch}x${patch}, width ${network.width}, ${steps} steps`,
);

const started = performance.now();
let best = Number.NEGATIVE_INFINITY;
for (let step = 0; step < steps; step++) {
  trainer.step(batch, stepSchedule(schedule, step));
  if ((step + 1) % 50 !== 0 && step + 1 !== steps) continue;
  const decibels = -10 * Math.log10(await trainer.loss());
  best = Math.max(best, decibels);
  const seconds = ((performance.now() - started) / 1000).toFixed(0);
  console.log(`step ${step + 1}: ${decibels.toFixed(2)} dB (${seconds} s)`);
}
trainer.destroy();
gpu.destroy();
console.log(`best ${best.toFixed(2)} dB, goal ${GOAL_DB} dB`);
process.exitCode = best > GOAL_DB ? 0 : 1;
