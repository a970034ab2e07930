import { availableParallelism } from 'node:os';
import { AdapterError, BrowserLostError, DeviceLostError, GlocalError, InputError } from '../../errors';
import { describeModel } from '../../model/model-config';
import { trainable } from '../../model/trainable';
import { printable } from '../../printable';
import { type Checkpoint, encodeCheckpoint, initialCheckpoint, withLowerRate } from '../checkpoint';
import type { Cadence, Preview, RunOutput, RunResult } from '../job';
import type { LogLine } from '../log';
import { DivergenceError } from '../run';
import { type Plan, type PlanRequest, planTraining } from './plan';
import { TrainProgress } from './progress';
import { RunFolder } from './run-folder';
import { harnessFor, type RuntimeName } from './runtime';
import { isRestarted, tellSupervisor } from './supervise';

/** The options of `glocal train`. */
export interface TrainRequest extends PlanRequest, Cadence {
  readonly out: string;
  readonly runtime: RuntimeName;
  /** Updates the report at every validation instead of only at the end. */
  readonly report?: boolean;
  /** Threads that make pairs. Absent: one less than the number of cores. */
  readonly workers?: number;
  /** Dumps the next step into this folder instead of training: see `dumpStep`. */
  readonly dumpBatch?: string;
  /** A folder for samples and statistics of the data, instead of training: see `previewData`. */
  readonly previewData?: string;
  readonly dumpGradients?: boolean;
}

const INTERRUPTED = 130;
const FAILED = 1;

/**
 * Runs a training and reports on standard error. Returns the exit code, 130 after Ctrl-C. Failures that a new process
 * can recover from (a lost browser or device, the first divergence) are reported to the supervising process.
 */
export async function train(request: TrainRequest): Promise<number> {
  let progress: TrainProgress | undefined;
  const show = (message: string) => {
    if (progress) progress.print(message);
    else process.stderr.write(`${message}\n`);
  };
  const onNotice = once((message) => show(printable(message)));
  const folder = new RunFolder(request.out, onNotice);
  folder.requireUnused();
  const plan = await planTraining(request, folder);
  if (!isRestarted()) introduce(plan, request, onNotice);
  if (await ranInstead(request, plan, onNotice)) return 0;
  const harness = await harnessFor(request.runtime);
  const interrupt = listenForInterrupt(show);
  const begin = (step: number) => {
    progress = new TrainProgress(plan.record.config, step, process.stderr);
    return progress;
  };
  const output = new TrainOutput(folder, plan, request.report ?? false, interrupt.signal, begin);
  try {
    const { validateEvery, patience = 0, checkpointEvery, checkpointMinutes, lossEvery } = request;
    const result = await harness({
      config: plan.record.config,
      cadence: { validateEvery, patience, checkpointEvery, checkpointMinutes, lossEvery },
      training: plan.training,
      validation: plan.validation,
      checkpoint: plan.checkpoint,
      workers: workersOf(request),
      output,
      signal: interrupt.signal,
      onNotice,
    });
    output.close();
    if (!result.interrupted) folder.requireFinal(plan.record.config);
    conclude(result, plan, request.out, folder.newestStep());
    process.stdout.write(`${folder.report(plan.record)}: curves, previews, configuration\n`);
    return result.interrupted ? INTERRUPTED : 0;
  } catch (error) {
    const lost = await recoverable(error, plan, folder);
    output.close();
    if (lost === undefined) throw error;
    if (await tellSupervisor(lost)) return FAILED;
    throw new GlocalError(`${lost} Continue with: glocal train --out ${request.out} --resume`, {
      cause: error,
    });
  } finally {
    output.close();
    interrupt.stop();
  }
}

/** Does something else instead of training, if requested: shows the data, or dumps the next step. */
async function ranInstead(
  request: TrainRequest,
  plan: Plan,
  onNotice: (message: string) => void,
): Promise<boolean> {
  const { previewData: previewFolder, dumpBatch: folder, dumpGradients: gradients = false } = request;
  if (gradients && folder === undefined) {
    throw new InputError('--dump-gradients needs a folder. Give --dump-batch DIR too.');
  }
  const workers = workersOf(request);
  if (previewFolder !== undefined) {
    const { previewData } = await import('./preview-data');
    process.stdout.write(`${await previewData(plan, { folder: previewFolder, workers, onNotice })}\n`);
    return true;
  }
  if (folder === undefined) return false;
  const { dumpStep } = await import('./dump');
  const { step, loss } = await dumpStep(plan, { folder, gradients, workers, onNotice });
  process.stdout.write(`${folder}: step ${step}, loss ${loss.toPrecision(6)}\n`);
  return true;
}

const workersOf = ({ workers }: TrainRequest): number => workers ?? Math.max(1, availableParallelism() - 1);

/** The failure, if a new process can recover from it. Prepares the folder for that. */
async function recoverable(error: unknown, plan: Plan, folder: RunFolder): Promise<string | undefined> {
  if (error instanceof DivergenceError) return lowerRate(error, plan, folder);
  if (error instanceof BrowserLostError || error instanceof DeviceLostError) return error.message;
  // An adapter that was there before may be coming back: a device resetting, a browser killed while starting.
  if (error instanceof AdapterError && isRestarted()) return error.message;
  return undefined;
}

/**
 * Writes the last good checkpoint again, marked to continue at half the learning rate.
 * @throws DivergenceError with a report if that was tried before.
 */
async function lowerRate(error: DivergenceError, { record, checkpoint }: Plan, folder: RunFolder) {
  const { config } = record;
  const { rate } = config.schedule;
  const tried = checkpoint?.meta.lowered;
  if (tried) {
    throw new DivergenceError(
      `Training has diverged again. First: ${tried.reason} Then, with ${tried.factor} times the rate: ` +
        `${error.message} The run stops; the checkpoints before it are kept. Start again with a lower --lr ` +
        `(try ${Number((rate / 10).toPrecision(3))} instead of ${rate}) or a longer --warmup.`,
      { cause: error },
    );
  }
  const good =
    folder.latest(config) ?? initialCheckpoint(trainable(config.network).initialWeights(config.seed), config);
  await writeCheckpoint(folder, withLowerRate(good, error.message));
  return `${error.message} Training has diverged: returning to the last good checkpoint, with half the learning rate.`;
}

function writeCheckpoint(folder: RunFolder, { state, meta }: Checkpoint): Promise<void> {
  return folder.checkpoint(meta.step, encodeCheckpoint(state, meta));
}

/** The run folder plus a progress bar. Writes nothing until training has really started. */
class TrainOutput implements RunOutput {
  #progress: TrainProgress | undefined;

  constructor(
    private readonly folder: RunFolder,
    private readonly plan: Plan,
    private readonly reports: boolean,
    private readonly signal: AbortSignal,
    private readonly begin: (step: number) => TrainProgress,
  ) {}

  async log(line: LogLine): Promise<void> {
    if (!this.#progress) await this.#open();
    await this.folder.log(line);
    this.#progress?.show(line);
    if (this.reports && 'psnr' in line) this.folder.report(this.plan.record);
  }

  previews(step: number, previews: readonly Preview[]): Promise<void> {
    return this.folder.previews(step, previews);
  }

  checkpoint(step: number, bytes: Uint8Array<ArrayBuffer>): Promise<void> {
    return this.folder.checkpoint(step, bytes);
  }

  best(bytes: Uint8Array<ArrayBuffer>): Promise<void> {
    return this.folder.best(bytes);
  }

  final(bytes: Uint8Array<ArrayBuffer>): Promise<void> {
    return this.folder.final(bytes, this.signal);
  }

  close(): void {
    this.#progress?.stop();
    this.folder.close();
  }

  async #open(): Promise<void> {
    const { record, checkpoint, resumes } = this.plan;
    const step = checkpoint?.meta.step ?? 0;
    if (resumes) this.folder.reopen(step, record);
    else this.folder.begin(record);
    // Stores the initial weights with the run, since their file may be gone when it resumes.
    if (checkpoint && !resumes) await writeCheckpoint(this.folder, checkpoint);
    this.#progress = this.begin(step);
  }
}

function introduce(
  { record, checkpoint, resumes, isUnhashed, training, validation, widened, otherScenes }: Plan,
  { out, from }: TrainRequest,
  onNotice: (message: string) => void,
) {
  const { config, data } = record;
  const source = data ?? 'the CC0 scenes of @pmndrs/assets';
  onNotice(`A ${describeModel(config.network)}; ${config.schedule.steps} steps of ${config.batch} pairs.`);
  const photoCount = config.synthesis.photos?.count ?? 0;
  const photos = photoCount > 0 ? ` and ${photoCount} photos of ${record.photos}` : '';
  onNotice(`${training.length - photoCount} scenes of ${source}${photos} to train on; results go to ${out}.`);
  if (validation.length > 0)
    onNotice(`Held out for validation: ${validation.map(({ name }) => name).join(', ')}.`);
  const wider = widened === undefined ? '' : `, widened ${widened} times`;
  if (from && !resumes) onNotice(`Starting from the weights of ${from.name}${wider}.`);
  if (checkpoint && resumes) onNotice(`Continuing after step ${checkpoint.meta.step}.`);
  if (otherScenes)
    onNotice('Scenes or photos are not those of the recipe, so the numbers will not be those of its run.');
  if (isUnhashed) {
    onNotice(
      'This run was begun by a version without hashes, so changes to its checkpoint or scenes cannot be detected. ' +
        'From now on they can.',
    );
  }
}

/** @param kept the step of the newest checkpoint; that of the last step may be missing if the disk was full. */
function conclude(
  { step, interrupted, psnr, best }: RunResult,
  { record }: Plan,
  out: string,
  kept: number | undefined,
): void {
  const { steps } = record.config.schedule;
  if (interrupted) {
    const what = kept === step ? 'a checkpoint was written' : `the newest checkpoint is of step ${kept ?? 0}`;
    process.stderr.write(
      `Stopped after step ${step} of ${steps}; ${what}. Continue with: glocal train --out ${out} --resume\n`,
    );
    return;
  }
  const quality = psnr === undefined ? '' : `, validation ${psnr.toFixed(2)} dB`;
  const done = step < steps ? `${step} of ${steps} steps, ended early` : `${steps} steps`;
  process.stdout.write(`${out}/weights.safetensors: ${done}${quality}\n`);
  if (best && best.step !== step) {
    process.stdout.write(
      `${out}/best.safetensors: step ${best.step}, validation ${best.psnr.toFixed(2)} dB\n`,
    );
  }
}

/** The first Ctrl-C asks the run to stop at the next step; a second ends the process at once. */
function listenForInterrupt(show: (message: string) => void): { signal: AbortSignal; stop(): void } {
  const controller = new AbortController();
  const onSignal = () => {
    if (controller.signal.aborted) process.exit(INTERRUPTED);
    show('Stopping after this step; press Ctrl-C again to stop at once.');
    controller.abort();
  };
  process.on('SIGINT', onSignal).on('SIGTERM', onSignal);
  return { signal: controller.signal, stop: () => process.off('SIGINT', onSignal).off('SIGTERM', onSignal) };
}

/** Passes on each message once, even if several workers send it. */
function once(onNotice: (message: string) => void): (message: string) => void {
  const said = new Set<string>();
  return (message) => {
    if (said.has(message)) return;
    said.add(message);
    onNotice(message);
  };
}
