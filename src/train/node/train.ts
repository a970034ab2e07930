import { availableParallelism } from 'node:os';
import { encodeCheckpoint } from '../checkpoint';
import type { LogLine } from '../log';
import type { RunOutput, RunResult } from '../run';
import { type Plan, type PlanRequest, planRun } from './plan';
import { TrainProgress } from './progress';
import { RunFolder } from './run-folder';
import { harnessFor, type RuntimeName } from './runtime';

/** `glocal train` as its options say it. */
export interface TrainRequest extends PlanRequest {
  readonly out: string;
  readonly runtime: RuntimeName;
  readonly validateEvery: number;
  readonly checkpointEvery: number;
  readonly lossEvery: number;
  /** Threads that make pairs; absent: one less than there are cores. */
  readonly workers?: number;
}

const INTERRUPTED = 130;

/** Carries a training out and shows it on standard error. Returns the exit code: 130 after Ctrl-C. */
export async function train(request: TrainRequest): Promise<number> {
  const say = once((message) => process.stderr.write(`${message}\n`));
  const folder = new RunFolder(request.out, say);
  const plan = await planRun(request, folder);
  introduce(plan, request, say);
  const harness = await harnessFor(request.runtime);
  const interrupt = listenForInterrupt();
  const output = new TrainOutput(folder, plan);
  try {
    const { validateEvery, checkpointEvery, lossEvery } = request;
    const result = await harness({
      config: plan.record.config,
      cadence: { validateEvery, checkpointEvery, lossEvery },
      training: plan.training,
      validation: plan.validation,
      checkpoint: plan.checkpoint,
      workers: request.workers ?? Math.max(1, availableParallelism() - 1),
      output,
      signal: interrupt.signal,
      say,
    });
    output.close();
    conclude(result, plan, request.out);
    return result.interrupted ? INTERRUPTED : 0;
  } finally {
    output.close();
    interrupt.stop();
  }
}

/** The run folder behind a progress bar. Nothing is written before the training really starts. */
class TrainOutput implements RunOutput {
  readonly #folder: RunFolder;
  readonly #plan: Plan;
  #progress: TrainProgress | undefined;

  constructor(folder: RunFolder, plan: Plan) {
    this.#folder = folder;
    this.#plan = plan;
  }

  async log(line: LogLine): Promise<void> {
    if (!this.#progress) await this.#open();
    await this.#folder.log(line);
    this.#progress?.show(line);
  }

  checkpoint(step: number, bytes: Uint8Array<ArrayBuffer>): Promise<void> {
    return this.#folder.checkpoint(step, bytes);
  }

  best(bytes: Uint8Array<ArrayBuffer>): Promise<void> {
    return this.#folder.best(bytes);
  }

  final(bytes: Uint8Array<ArrayBuffer>): Promise<void> {
    return this.#folder.final(bytes);
  }

  close(): void {
    this.#progress?.stop();
    this.#folder.close();
  }

  async #open(): Promise<void> {
    const { record, checkpoint, resumes } = this.#plan;
    const step = checkpoint?.meta.step ?? 0;
    if (resumes) this.#folder.reopen(step);
    else this.#folder.begin(record);
    // The weights that a run starts from stay with it: their file may be gone when it is resumed.
    if (checkpoint && !resumes) {
      await this.#folder.checkpoint(step, encodeCheckpoint(checkpoint.state, checkpoint.meta));
    }
    this.#progress = new TrainProgress(record.config.schedule.steps, step, process.stderr);
  }
}

function introduce(
  { record, checkpoint, resumes, training, validation }: Plan,
  { out, from }: TrainRequest,
  say: (m: string) => void,
) {
  const { config, data } = record;
  const { width, globalWidth } = config.network;
  const source = data ?? 'the CC0 scenes of @pmndrs/assets';
  say(
    `Width ${width}, global width ${globalWidth}; ${config.schedule.steps} steps of ${config.batch} pairs.`,
  );
  say(`${training.length} scenes of ${source} to train on; results go to ${out}.`);
  if (validation.length > 0)
    say(`Held out for validation: ${validation.map(({ name }) => name).join(', ')}.`);
  if (from && !resumes) say(`Starting from the weights of ${from.name}.`);
  if (checkpoint && resumes) say(`Going on after step ${checkpoint.meta.step}.`);
}

function conclude({ step, interrupted, psnr, best }: RunResult, { record }: Plan, out: string): void {
  const { steps } = record.config.schedule;
  if (interrupted) {
    process.stderr.write(
      `Stopped after step ${step} of ${steps}; a checkpoint was written. Go on with: glocal train --out ${out} --resume\n`,
    );
    return;
  }
  const quality = psnr === undefined ? '' : `, validation ${psnr.toFixed(2)} dB`;
  process.stdout.write(`${out}/weights.safetensors: ${steps} steps${quality}\n`);
  if (best && best.step !== step) {
    process.stdout.write(
      `${out}/best.safetensors: step ${best.step}, validation ${best.psnr.toFixed(2)} dB\n`,
    );
  }
}

/** The first Ctrl-C asks the run to stop at the next step; a second one ends the process at once. */
function listenForInterrupt(): { signal: AbortSignal; stop(): void } {
  const controller = new AbortController();
  const onSignal = () => {
    if (controller.signal.aborted) process.exit(INTERRUPTED);
    process.stderr.write('\nStopping after this step; press Ctrl-C again to stop at once.\n');
    controller.abort();
  };
  process.on('SIGINT', onSignal).on('SIGTERM', onSignal);
  return { signal: controller.signal, stop: () => process.off('SIGINT', onSignal).off('SIGTERM', onSignal) };
}

/** Says each message once, whoever of many workers found it. */
function once(say: (message: string) => void): (message: string) => void {
  const said = new Set<string>();
  return (message) => {
    if (said.has(message)) return;
    said.add(message);
    say(message);
  };
}
