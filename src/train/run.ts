import { validationSynthesis } from '../data/synthesis-config';
import { DeviceLostError, type ErrorCode, GlocalError, InputError } from '../errors';
import { describe } from '../gpu/device';
import type { Gpu } from '../gpu/types';
import type { ProgramMemory } from '../graph';
import { mebibytes } from '../units';
import { type Batch, type PairPixels, toBatch } from './batch';
import { encodeCheckpoint, scheduleAfter } from './checkpoint';
import { type Best, type Job, PREVIEWS, type Preview, type RunResult } from './job';
import type { EventLine } from './log';
import { measurePeak } from './peak';
import { learningRate, type Schedule, stepSchedule } from './schedule';
import { Trainer } from './trainer';

/** The loss or the weights are no longer finite. The message has step and values; nothing of it was written. */
export class DivergenceError extends GlocalError {
  static override readonly code: ErrorCode = 'diverged';
  override name = 'DivergenceError';
}

/**
 * Runs a training on a device, from the start or a checkpoint to its end. Shared by pages and Node.
 *
 * @throws DeviceLostError as soon as the device is lost, whatever is pending.
 */
export async function runJob(gpu: Gpu, job: Job): Promise<RunResult> {
  const lost = gpu.lost.then(({ message }) => {
    throw new DeviceLostError(
      `The device was lost in the middle of the training (${message || 'no reason given'}).`,
    );
  });
  try {
    return await Promise.race([prepareAndRun(gpu, job), lost]);
  } catch (error) {
    return gpu.isLost ? await lost : Promise.reject(error);
  }
}

async function prepareAndRun(gpu: Gpu, job: Job): Promise<RunResult> {
  const { config, checkpoint, onNotice } = job;
  announce(gpu, job);
  const validation = await prepareValidation(job);
  const trainer = await Trainer.create(gpu, {
    ...config,
    patch: config.synthesis.patch,
    validationSize: config.validation.size,
  });
  onNotice(memoryLine(trainer.program.memory));
  try {
    if (checkpoint) trainer.writeState(checkpoint.state);
    return await new Run(job, trainer, validation, await measurePeak(gpu)).run();
  } finally {
    trainer.destroy();
  }
}

function announce({ traits }: Gpu, { runtime, onNotice }: Job): void {
  onNotice(`Training in ${runtime} on ${describe(traits)}.`);
  if (traits.isSoftware)
    onNotice('This adapter computes in software, on the processor: expect it to be slow.');
}

function memoryLine({ planned, naive, variables }: ProgramMemory): string {
  return (
    `Memory on the device: ${mebibytes(planned)} for what a step computes (${mebibytes(naive)} if nothing were ` +
    `shared), ${mebibytes(variables)} for weights, Adam's moments and the batch.`
  );
}

/** The fixed pairs. Without a usable scene the run continues without validation and says so. */
async function prepareValidation({ config, validation, onNotice }: Job): Promise<readonly PairPixels[]> {
  const { pairs: count, size, seed } = config.validation;
  if (count === 0) return [];
  try {
    const options = { count, seed, config: validationSynthesis(config.synthesis, size), onNotice };
    if (validation) return await validation(options);
    onNotice('One scene is too few to hold one out: there will be no validation.');
  } catch (error) {
    if (!(error instanceof InputError)) throw error;
    onNotice('No scene that was held out can be used: there will be no validation.');
  }
  return [];
}

/** The part of `Trainer` that the loop uses. */
type RunTrainer = Pick<
  Trainer,
  'adapter' | 'flops' | 'step' | 'loss' | 'readState' | 'weightFile' | 'validate' | 'measureStatistics'
>;

/**
 * The loop of a training, from the trainer's current state to the end of the schedule. Knows neither files nor workers.
 * The numbers depend on the configuration alone, not on how often results are read.
 */
export class Run {
  readonly #schedule: Schedule;
  readonly #queue = new Map<number, Promise<Batch>>();
  #step: number;
  #best: Best | undefined;
  #psnr: number | undefined;
  /** Losses submitted but not yet read, oldest first. */
  #pending: { step: number; loss: Promise<number> }[] = [];
  #lineStart = 0;
  #lineStep = 0;
  #waited = 0;
  #checkpointAt = performance.now();
  /** The last few losses, to report if the run diverges. */
  readonly #losses: number[] = [];

  /**
   * @param validation empty for no validation.
   * @param peak the adapter's peak in operations per second, for the log.
   */
  constructor(
    private readonly job: Job,
    private readonly trainer: RunTrainer,
    private readonly validation: readonly PairPixels[],
    private readonly peak?: number,
  ) {
    const meta = job.checkpoint?.meta;
    this.#schedule = scheduleAfter(job.config, meta);
    this.#step = meta?.step ?? 0;
    this.#best = meta?.best;
  }

  async run(): Promise<RunResult> {
    const { checkpoint, cadence, runtime, output, signal } = this.job;
    const { adapter, flops: flopsPerStep } = this.trainer;
    const lowered = checkpoint?.meta.lowered;
    const event = this.#step > 0 || lowered ? 'resume' : 'start';
    const message = lowered && { message: lowered.reason };
    const work = this.peak !== undefined && { work: { flopsPerStep, peak: this.peak } };
    await this.#event({ event, runtime, adapter, ...work, ...message });
    this.#startLine();
    let isStale = false;
    while (this.#step < this.#schedule.steps && !isStale) {
      if (signal?.aborted) return this.#interrupt();
      await this.#trainStep();
      const last = this.#step === this.#schedule.steps;
      if (last || this.#step % cadence.validateEvery === 0) {
        await this.#validate();
        isStale = this.#isStale();
      }
      if (last || isStale || this.#checkpointDue()) await this.#checkpoint();
    }
    const endedEarly = this.#step < this.#schedule.steps;
    await this.#measureStatistics();
    await output.final(await this.#weightFile());
    const why = `ended early: ${cadence.patience} validations without a better one`;
    await this.#event({ event: 'end', ...(endedEarly && { message: why }) });
    return this.#result(false);
  }

  /** Counted in steps, so that a resumed run ends where an uninterrupted one would. */
  #isStale(): boolean {
    const { patience = 0, validateEvery } = this.job.cadence;
    return patience > 0 && !!this.#best && this.#step - this.#best.step >= patience * validateEvery;
  }

  /**
   * Measures the batch-norm statistics of the final weights over the batches of the last steps, then validates again.
   */
  async #measureStatistics(): Promise<void> {
    const steps = this.#step;
    const count = Math.min(this.job.config.statistics ?? 0, steps);
    if (count === 0) return;
    const makeBatch = (step: number) => this.#makeBatch(step);
    const last = async function* () {
      for (let step = steps - count; step < steps; step++) yield await makeBatch(step);
    };
    await this.trainer.measureStatistics(last());
    await this.#validate();
  }

  /** One update. Its loss is read while the next step runs, so the device does not wait for the host. */
  async #trainStep(): Promise<void> {
    const { trainer } = this;
    const asked = performance.now();
    const batch = await this.#nextBatch();
    this.#waited += performance.now() - asked;
    trainer.step(batch, stepSchedule(this.#schedule, this.#step));
    this.#step++;
    if (this.#step % this.job.cadence.lossEvery === 0) {
      const loss = trainer.loss();
      loss.catch(() => {}); // Reported when awaited; a run that ends earlier never awaits it.
      this.#pending.push({ step: this.#step, loss });
    }
    while (this.#pending.length > 1) await this.#readLoss();
  }

  #nextBatch(): Promise<Batch> {
    const end = Math.min(this.#step + PREFETCH + 1, this.#schedule.steps);
    for (let step = this.#step; step < end; step++) {
      if (this.#queue.has(step)) continue;
      const batch = this.#makeBatch(step);
      batch.catch(() => {}); // Reported when its step asks for it.
      this.#queue.set(step, batch);
    }
    const next = this.#queue.get(this.#step)!;
    this.#queue.delete(this.#step);
    return next;
  }

  /** The batch of a step consists of the pairs step * batch, step * batch + 1, ... */
  async #makeBatch(step: number): Promise<Batch> {
    const { config, pairs } = this.job;
    const indices = Array.from({ length: config.batch }, (_, index) => step * config.batch + index);
    return toBatch(await Promise.all(indices.map((index) => pairs.make(index))));
  }

  async #readLoss(): Promise<void> {
    const { step, loss } = this.#pending.shift()!;
    const value = await loss;
    if (!Number.isFinite(value)) {
      throw await this.#diverged(step, `The loss of step ${step} is ${value}`);
    }
    if (this.#losses.push(value) > LOSSES_REPORTED) this.#losses.shift();
    const { config, output } = this.job;
    const now = performance.now();
    const elapsed = Math.max(now - this.#lineStart, 1e-3);
    await output.log({
      step,
      loss: value,
      lr: learningRate(this.#schedule, step - 1),
      imagesPerSecond: round((1000 * config.batch * (step - this.#lineStep)) / elapsed, 3),
      waiting: round(Math.min(this.#waited / elapsed, 1), 4),
      time: new Date().toISOString(),
    });
    this.#startLine(step);
  }

  #startLine(step = this.#step): void {
    this.#lineStart = performance.now();
    this.#lineStep = step;
    this.#waited = 0;
  }

  async #drain(): Promise<void> {
    while (this.#pending.length > 0) await this.#readLoss();
  }

  async #validate(): Promise<void> {
    const { trainer, validation } = this;
    const { output } = this.job;
    await this.#drain();
    if (validation.length > 0) {
      const previews: Preview[] = [];
      const psnr = await trainer.validate(validation, (made, { size, input, target }) => {
        if (previews.length < PREVIEWS) previews.push({ size, input, target, output: made });
      });
      if (Number.isNaN(psnr)) throw await this.#diverged(this.#step, `The validation PSNR is ${psnr}`);
      this.#psnr = psnr;
      if (!this.#best || psnr > this.#best.psnr) {
        this.#best = { step: this.#step, psnr };
        await output.best(await this.#weightFile());
      }
      await output.previews?.(this.#step, previews);
      await output.log({ step: this.#step, psnr, best: this.#best, time: new Date().toISOString() });
    }
    this.#startLine();
  }

  async #checkpoint(): Promise<void> {
    const { config, output, checkpoint } = this.job;
    await this.#drain();
    const state = await this.trainer.readState();
    for (const [name, { data }] of state) {
      // Weights can become NaN in a step whose loss was still finite.
      if (!data.every(Number.isFinite)) throw await this.#diverged(this.#step, `${name} is not finite`);
    }
    const best = this.#best && { best: this.#best };
    const lowered = checkpoint?.meta.lowered && { lowered: checkpoint.meta.lowered };
    await output.checkpoint(
      this.#step,
      encodeCheckpoint(state, { step: this.#step, config, ...best, ...lowered }),
    );
    this.#checkpointAt = performance.now();
    this.#startLine();
  }

  #checkpointDue(): boolean {
    const { checkpointEvery, checkpointMinutes } = this.job.cadence;
    if (this.#step % checkpointEvery === 0) return true;
    return checkpointMinutes > 0 && performance.now() - this.#checkpointAt >= 60_000 * checkpointMinutes;
  }

  async #interrupt(): Promise<RunResult> {
    await this.#checkpoint();
    await this.#event({ event: 'interrupted' });
    return this.#result(true);
  }

  async #diverged(step: number, what: string): Promise<DivergenceError> {
    const rate = learningRate(this.#schedule, step - 1).toPrecision(3);
    const before = this.#losses.map((loss) => loss.toPrecision(3)).join(', ');
    const message = `${what} (learning rate ${rate}; losses before it: ${before || 'none'}).`;
    await this.#event({ event: 'diverged', message }, step);
    return new DivergenceError(message);
  }

  #weightFile(): Promise<Uint8Array<ArrayBuffer>> {
    const info = { step: this.#step, ...(this.#psnr === undefined ? {} : { psnr: this.#psnr }) };
    return this.trainer.weightFile(info);
  }

  async #event(event: Omit<EventLine, 'step' | 'time'>, step = this.#step): Promise<void> {
    await this.job.output.log({ step, ...event, time: new Date().toISOString() });
  }

  #result(interrupted: boolean): RunResult {
    return { step: this.#step, interrupted, best: this.#best, psnr: this.#psnr };
  }
}

/** Batches requested ahead: enough to cover the decoding of a large scene; a default batch takes 6 MiB. */
const PREFETCH = 4;

const LOSSES_REPORTED = 5;

const round = (value: number, digits: number): number => Number(value.toFixed(digits));
