import { finished } from '../gpu/buffers';
import type { Gpu } from '../gpu/types';
import { adamSchedule } from '../graph/operators/adam';
import { initialWeights, type NetworkConfig } from '../model';
import type { Batch } from '../train/batch';
import { ADAM } from '../train/schedule';
import { Trainer } from '../train/trainer';
import { compareWith, type ReadyOpponent, relativeDifference } from './comparison';
import { networkOfWidth } from './network';
import { trainingFlops } from './network-work';
import type { Opponent, OpponentTraining, TrainingTask } from './opponent';
import { seededValues } from './prepared';
import type { NoComparison } from './results';
import type { BenchTask } from './task';

interface TrainingBench {
  readonly widths: readonly number[];
  /** Side of the patches. */
  readonly size: number;
  /** Pairs per step, at least 2. */
  readonly batch: number;
  /** Whether to time the first step with nothing compiled. */
  readonly cold: boolean;
}

const SEED = 1;

/** Small enough that many steps on one batch remain ordinary steps. */
const RATE = 1e-4;

/** Weights whose gradients are compared: in the last layer, the middle, and the first. */
const COMPARED = ['output.weight', 'decoder.0.conv1.weight', 'local.2.conv1.weight', 'local.0.conv1.weight'];

/**
 * Allowed difference of these gradients relative to their largest value. Where an activation is within rounding of
 * zero, ReLU may pass it in one program and not in another, and the maxima of pooling may differ likewise. After batch
 * norm, whose gradients cancel, a single such place changes a sum by hundredths. Without any, the programs agree to
 * 1e-5.
 */
const TOLERANCE = 0.1;

/** Allowed relative difference of the loss, which does not depend on any single activation. */
const LOSS_TOLERANCE = 1e-4;

/** Steps for measuring the host's share. */
const HOST_STEPS = 3;

/** Measures the training step: forward, loss, backward and Adam. */
export async function benchTraining(task: BenchTask, bench: TrainingBench): Promise<void> {
  const { gpu, opponents, emit, onNotice, openFresh } = task;
  for (const width of bench.widths) {
    const name = `training step, width ${width}, ${bench.batch} x ${bench.size}x${bench.size}`;
    const job = trainingTask(width, bench);
    if (bench.cold) onNotice(`${name}, from cold`);
    const cold = bench.cold ? await coldSeconds(openFresh, job) : null;
    onNotice(name);
    const ours = await OurTraining.compile(gpu, job);
    const runs: OpponentTraining[] = [];
    try {
      await ours.run(1);
      const ready = await prepareOpponents(opponents, runs, job, ours);
      const { planned, naive, variables } = ours.program.memory;
      const timed = await compareWith(ours, ready, task);
      emit({
        name,
        work: { flops: trainingFlops({ config: job.config, batch: job.pairs, size: job.size }), bytes: 0 },
        ...timed,
        details: {
          ...(cold !== null && { 'first step from cold (s)': cold }),
          'host between submits (share)': await ours.hostShare(HOST_STEPS),
          dispatches: ours.program.calls.length,
          'memory planned (bytes)': planned,
          'memory naive (bytes)': naive,
          'variables and inputs (bytes)': variables,
        },
      });
    } finally {
      ours.destroy();
      for (const run of runs) run.destroy();
    }
  }
}

/** The same weights and batch for us and opponents. The target is a brighter version of the input. */
export function trainingTask(width: number, { batch, size }: { batch: number; size: number }): TrainingTask {
  const config: NetworkConfig = networkOfWidth(width);
  const input = seededValues('image', [batch, 3, size, size]).map((value) => (0.4 * (value + 1)) / 2);
  return {
    config,
    weights: initialWeights(config, SEED),
    batch: { input, target: input.map(Math.sqrt) },
    pairs: batch,
    size,
    rate: RATE,
  };
}

/** Our training program as a candidate. */
export class OurTraining {
  #step = 0;
  #hostMs = 0;

  private constructor(
    readonly gpu: Gpu,
    private readonly trainer: Trainer,
    readonly task: TrainingTask,
  ) {}

  static async compile(gpu: Gpu, task: TrainingTask): Promise<OurTraining> {
    const { config, weights, pairs, size } = task;
    const trainer = await Trainer.create(gpu, { network: config, batch: pairs, patch: size });
    trainer.load(weights);
    return new OurTraining(gpu, trainer, task);
  }

  get program() {
    return this.trainer.program;
  }

  async run(times: number): Promise<void> {
    for (let time = 0; time < times; time++) this.#submit(this.task.batch);
    await finished(this.gpu);
  }

  #submit(batch: Batch): void {
    this.#step++;
    const schedule = new Float32Array(adamSchedule(this.task.rate, this.#step, ADAM));
    const start = performance.now();
    this.trainer.step(batch, schedule);
    this.#hostMs += performance.now() - start;
  }

  /** The host's share of the time of a step. */
  async hostShare(steps: number): Promise<number> {
    await finished(this.gpu);
    this.#hostMs = 0;
    const start = performance.now();
    for (let step = 0; step < steps; step++) await this.run(1);
    return this.#hostMs / (performance.now() - start);
  }

  loss(): Promise<number> {
    return this.trainer.loss();
  }

  /** After the first step, Adam's first moment is (1 - beta1) times the gradient. */
  async gradient(name: string): Promise<Float32Array> {
    const moment = await this.program.read(`${name}.adam.m`);
    return moment.map((value) => value / (1 - ADAM.beta1));
  }

  destroy(): void {
    this.trainer.destroy();
  }
}

/** Time from loaded weights and no compiled kernels to the loss of the first step. */
async function coldSeconds(openFresh: () => Promise<Gpu>, task: TrainingTask): Promise<number> {
  const gpu = await openFresh();
  const start = performance.now();
  const ours = await OurTraining.compile(gpu, task);
  try {
    await ours.run(1);
    await ours.loss();
    return (performance.now() - start) / 1000;
  } finally {
    ours.destroy();
    gpu.destroy();
  }
}

async function prepareOpponents(
  opponents: readonly Opponent[],
  runs: OpponentTraining[],
  task: TrainingTask,
  ours: OurTraining,
): Promise<(ReadyOpponent | NoComparison)[]> {
  if (opponents.length === 0) return [];
  const loss = await ours.loss();
  const gradients = await Promise.all(COMPARED.map((name) => ours.gradient(name)));
  const ready: (ReadyOpponent | NoComparison)[] = [];
  for (const { title, version, training } of opponents) {
    if (!training) {
      ready.push({ opponent: title, problem: 'is measured at single convolutions only' });
      continue;
    }
    const run = await training(task);
    runs.push(run);
    await run.run(1);
    const lossDifference = Math.abs((await run.loss()) - loss) / loss;
    // Also true of NaN.
    if (!(lossDifference <= LOSS_TOLERANCE)) {
      const problem = `its loss differs by ${lossDifference.toExponential(1)}, more than ${LOSS_TOLERANCE}; not timed`;
      ready.push({ opponent: title, problem });
      continue;
    }
    const differences = [lossDifference];
    for (const [index, name] of COMPARED.entries()) {
      differences.push(relativeDifference(gradients[index]!, await run.gradient(name)));
    }
    ready.push({
      opponent: title,
      version,
      run: (times) => run.run(times),
      // Math.max propagates NaN, as it should.
      difference: Math.max(...differences),
      tolerance: TOLERANCE,
    });
  }
  return ready;
}
