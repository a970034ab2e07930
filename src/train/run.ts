import { type ErrorCode, GlocalError } from '../errors';
import type { Batch, PairPixels } from './batch';
import { type CheckpointMeta, encodeCheckpoint } from './checkpoint';
import type { RunConfig } from './config';
import type { EventLine, LogLine } from './log';
import { learningRate, type Schedule, stepSchedule } from './schedule';
import type { Trainer } from './trainer';

/** Makes the batch of a step: a pure function of the run's seed and the step. */
export interface BatchSource {
  batch(step: number): Promise<Batch>;
}

/** Receives a run's results: a folder in Node, the harness's server in a page. */
export interface RunOutput {
  log(line: LogLine): Promise<void>;
  /** A full checkpoint after `step` steps. */
  checkpoint(step: number, bytes: Uint8Array<ArrayBuffer>): Promise<void>;
  /** The weight file with the best validation so far. */
  best(bytes: Uint8Array<ArrayBuffer>): Promise<void>;
  /** The weight file of the finished run. */
  final(bytes: Uint8Array<ArrayBuffer>): Promise<void>;
  /** The network's outputs for the first validation pairs after `step` steps. Absent: no previews. */
  previews?(step: number, previews: readonly Preview[]): Promise<void>;
}

/** A validation pair and the network's output; interleaved RGB, 8 bits. */
export interface Preview extends PairPixels {
  readonly output: Uint8Array;
}

/** Number of pairs in a preview. */
export const PREVIEWS = 3;

/** The part of `Trainer` that the loop uses. */
export type RunTrainer = Pick<
  Trainer,
  'adapter' | 'flops' | 'step' | 'loss' | 'readState' | 'weightFile' | 'validate' | 'measureStatistics'
>;

export interface RunOptions {
  readonly config: RunConfig;
  readonly trainer: RunTrainer;
  readonly batches: BatchSource;
  /** Empty for no validation. */
  readonly validation: readonly PairPixels[];
  readonly output: RunOutput;
  /** When resuming: the metadata of the checkpoint that the trainer was restored from. */
  readonly resumed?: CheckpointMeta;
  /** Steps between validations, and between checkpoints. The last step always has both. */
  readonly validateEvery: number;
  readonly checkpointEvery: number;
  /** Ends the run early after this many validations without a better one. 0 or absent: never. */
  readonly patience?: number;
  /** Also writes a checkpoint once the last one is this many minutes old. 0 or absent: never. */
  readonly checkpointMinutes?: number;
  /** Steps between reading the loss back; 1 reads every loss. */
  readonly lossEvery?: number;
  /** Number of batches requested ahead. */
  readonly prefetch?: number;
  /** Named in the log's first line. */
  readonly runtime: string;
  /** The adapter's peak in operations per second, also for the first line. */
  readonly peak?: number;
  /** On abort, the run writes a checkpoint and ends early. */
  readonly signal?: AbortSignal;
}

export interface RunResult {
  /** Finished steps. */
  readonly step: number;
  readonly interrupted: boolean;
  readonly best: Best | undefined;
  /** PSNR of the last validation. */
  readonly psnr: number | undefined;
}

interface Best {
  readonly step: number;
  readonly psnr: number;
}

/** The loss or the weights are no longer finite. The message has step and values; nothing of it was written. */
export class DivergenceError extends GlocalError {
  static override readonly code: ErrorCode = 'diverged';
  override name = 'DivergenceError';
}

/**
 * Trains from the trainer's current state to the end of the schedule. Pages and Node share this loop, which knows
 * neither files nor workers. The numbers depend on the configuration alone, not on how often results are read.
 */
export async function trainRun(options: RunOptions): Promise<RunResult> {
  return new Run(options).run();
}

class Run {
  readonly #options: RunOptions;
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

  constructor(options: RunOptions) {
    this.#options = options;
    const { config, resumed } = options;
    const { schedule } = config;
    this.#schedule = { ...schedule, rate: schedule.rate * (resumed?.lowered?.factor ?? 1) };
    this.#step = resumed?.step ?? 0;
    this.#best = resumed?.best;
  }

  async run(): Promise<RunResult> {
    const { signal, validateEvery, patience, trainer, runtime, peak, resumed } = this.#options;
    const event = resumed && (resumed.step > 0 || resumed.lowered) ? 'resume' : 'start';
    const message = resumed?.lowered && { message: resumed.lowered.reason };
    const work = peak !== undefined && { work: { flopsPerStep: trainer.flops, peak } };
    await this.#event({ event, runtime, adapter: trainer.adapter, ...work, ...message });
    this.#startLine();
    let isStale = false;
    while (this.#step < this.#schedule.steps && !isStale) {
      if (signal?.aborted) return this.#interrupt();
      await this.#trainStep();
      const last = this.#step === this.#schedule.steps;
      if (last || this.#step % validateEvery === 0) {
        await this.#validate();
        isStale = this.#isStale();
      }
      if (last || isStale || this.#checkpointDue()) await this.#checkpoint();
    }
    const endedEarly = this.#step < this.#schedule.steps;
    await this.#measureStatistics();
    await this.#options.output.final(await this.#weightFile());
    const why = `ended early: ${patience} validations without a better one`;
    await this.#event({ event: 'end', ...(endedEarly && { message: why }) });
    return this.#result(false);
  }

  /** Counted in steps, so that a resumed run ends where an uninterrupted one would. */
  #isStale(): boolean {
    const { patience = 0, validateEvery } = this.#options;
    return patience > 0 && !!this.#best && this.#step - this.#best.step >= patience * validateEvery;
  }

  /**
   * Measures the batch-norm statistics of the final weights over the batches of the last steps, then validates again.
   */
  async #measureStatistics(): Promise<void> {
    const { config, trainer, batches } = this.#options;
    const steps = this.#step;
    const count = Math.min(config.statistics ?? 0, steps);
    if (count === 0) return;
    const last = async function* () {
      for (let step = steps - count; step < steps; step++) yield await batches.batch(step);
    };
    await trainer.measureStatistics(last());
    await this.#validate();
  }

  /** One update. Its loss is read while the next step runs, so the device does not wait for the host. */
  async #trainStep(): Promise<void> {
    const { trainer, lossEvery = 1 } = this.#options;
    const asked = performance.now();
    const batch = await this.#nextBatch();
    this.#waited += performance.now() - asked;
    trainer.step(batch, stepSchedule(this.#schedule, this.#step));
    this.#step++;
    if (this.#step % lossEvery === 0) {
      const loss = trainer.loss();
      loss.catch(() => {}); // Reported when awaited; a run that ends earlier never awaits it.
      this.#pending.push({ step: this.#step, loss });
    }
    while (this.#pending.length > 1) await this.#readLoss();
  }

  #nextBatch(): Promise<Batch> {
    const { batches, prefetch = PREFETCH } = this.#options;
    const end = Math.min(this.#step + prefetch + 1, this.#schedule.steps);
    for (let step = this.#step; step < end; step++) {
      if (this.#queue.has(step)) continue;
      const batch = batches.batch(step);
      batch.catch(() => {}); // Reported when its step asks for it.
      this.#queue.set(step, batch);
    }
    const next = this.#queue.get(this.#step)!;
    this.#queue.delete(this.#step);
    return next;
  }

  async #readLoss(): Promise<void> {
    const { step, loss } = this.#pending.shift()!;
    const value = await loss;
    if (!Number.isFinite(value)) {
      throw await this.#diverged(step, `The loss of step ${step} is ${value}`);
    }
    if (this.#losses.push(value) > LOSSES_REPORTED) this.#losses.shift();
    const { config, output } = this.#options;
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
    const { trainer, validation, output } = this.#options;
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
    const { trainer, config, output, resumed } = this.#options;
    await this.#drain();
    const state = await trainer.readState();
    for (const [name, { data }] of state) {
      // Weights can become NaN in a step whose loss was still finite.
      if (!data.every(Number.isFinite)) throw await this.#diverged(this.#step, `${name} is not finite`);
    }
    const best = this.#best && { best: this.#best };
    const lowered = resumed?.lowered && { lowered: resumed.lowered };
    await output.checkpoint(
      this.#step,
      encodeCheckpoint(state, { step: this.#step, config, ...best, ...lowered }),
    );
    this.#checkpointAt = performance.now();
    this.#startLine();
  }

  #checkpointDue(): boolean {
    const { checkpointEvery, checkpointMinutes = 0 } = this.#options;
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
    return this.#options.trainer.weightFile(info);
  }

  async #event(event: Omit<EventLine, 'step' | 'time'>, step = this.#step): Promise<void> {
    await this.#options.output.log({ step, ...event, time: new Date().toISOString() });
  }

  #result(interrupted: boolean): RunResult {
    return { step: this.#step, interrupted, best: this.#best, psnr: this.#psnr };
  }
}

/** Enough to cover the decoding of a large scene; a default batch takes 6 MiB. */
const PREFETCH = 4;

const LOSSES_REPORTED = 5;

const round = (value: number, digits: number): number => Number(value.toFixed(digits));
