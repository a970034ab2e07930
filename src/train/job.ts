import type { PairSource } from '../data/pair-source';
import { validationSynthesis } from '../data/synthesis-config';
import type { ValidationOptions } from '../data/validation-set';
import { DeviceLostError, InputError } from '../errors';
import { describe } from '../gpu/device';
import type { Gpu } from '../gpu/types';
import type { ProgramMemory } from '../graph';
import { mebibytes } from '../units';
import { type PairPixels, toBatch } from './batch';
import type { Checkpoint } from './checkpoint';
import type { RunConfig } from './config';
import { measurePeak } from './peak';
import { type BatchSource, type RunOutput, type RunResult, trainRun } from './run';
import { Trainer } from './trainer';

/** How often to validate and write, and when to end early. Does not affect the numbers of a step. */
export interface Cadence {
  readonly validateEvery: number;
  /** Ends the run after this many validations without a better one; 0 or absent: never. */
  readonly patience?: number;
  readonly checkpointEvery: number;
  readonly checkpointMinutes: number;
  readonly lossEvery: number;
}

/** Everything a runtime supplies for a run. */
export interface Job {
  readonly config: RunConfig;
  readonly cadence: Cadence;
  /** The checkpoint to resume from. */
  readonly checkpoint?: Checkpoint | undefined;
  readonly pairs: Pick<PairSource, 'make'>;
  /** Makes validation pairs from the held-out scenes. Absent: none are held out. */
  readonly validation?: ((options: ValidationOptions) => Promise<readonly PairPixels[]>) | undefined;
  readonly output: RunOutput;
  /** Named in the log. */
  readonly runtime: string;
  readonly signal?: AbortSignal;
  /** Receives messages for the user: the adapter, skipped scenes. */
  readonly say: (message: string) => void;
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
    return await Promise.race([work(gpu, job), lost]);
  } catch (error) {
    return gpu.isLost ? await lost : Promise.reject(error);
  }
}

async function work(gpu: Gpu, job: Job): Promise<RunResult> {
  const { config, cadence, checkpoint, output, runtime, signal } = job;
  const { synthesis } = config;
  announce(gpu, job);
  const validation = await prepareValidation(job);
  const trainer = await Trainer.create(gpu, {
    network: config.network,
    batch: config.batch,
    size: synthesis.size,
    seed: config.seed,
    accumulate: config.accumulate,
    loss: config.loss,
    validationSize: config.validation.size,
  });
  job.say(memoryLine(trainer.program.memory));
  try {
    if (checkpoint) trainer.writeState(checkpoint.state);
    return await trainRun({
      config,
      trainer,
      batches: batchSource(job),
      validation,
      output,
      ...cadence,
      runtime,
      peak: await measurePeak(gpu),
      ...(checkpoint && { resumed: checkpoint.meta }),
      ...(signal && { signal }),
    });
  } finally {
    trainer.destroy();
  }
}

function announce({ traits }: Gpu, { runtime, say }: Job): void {
  say(`Training in ${runtime} on ${describe(traits)}.`);
  if (traits.isSoftware) say('This adapter computes in software, on the processor: expect it to be slow.');
}

function memoryLine({ planned, naive, variables }: ProgramMemory): string {
  return (
    `Memory on the device: ${mebibytes(planned)} for what a step computes (${mebibytes(naive)} if nothing were ` +
    `shared), ${mebibytes(variables)} for weights, Adam's moments and the batch.`
  );
}

/** The fixed pairs. Without a usable scene the run continues without validation and says so. */
async function prepareValidation({ config, validation, say }: Job): Promise<readonly PairPixels[]> {
  const { pairs: count, size, seed } = config.validation;
  if (count === 0) return [];
  try {
    const options = { count, seed, config: validationSynthesis(config.synthesis, size), onNotice: say };
    if (validation) return await validation(options);
    say('One scene is too few to hold one out: there will be no validation.');
  } catch (error) {
    if (!(error instanceof InputError)) throw error;
    say('No scene that was held out can be used: there will be no validation.');
  }
  return [];
}

/** The batch of a step consists of the pairs step * batch, step * batch + 1, ... */
function batchSource({ config, pairs }: Job): BatchSource {
  return {
    batch: async (step) => {
      const first = step * config.batch;
      const indices = Array.from({ length: config.batch }, (_, index) => first + index);
      return toBatch(await Promise.all(indices.map((k) => pairs.make(k))));
    },
  };
}
