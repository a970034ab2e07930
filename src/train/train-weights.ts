import { PairMaker } from '../data/pair-maker';
import { DEFAULT_CACHE_BYTES, type SceneSource } from '../data/scene-cache';
import { validationPairs } from '../data/validation-set';
import { InputError } from '../errors';
import type { Gpu } from '../gpu/types';
import { decodeCheckpoint } from './checkpoint';
import { checkRunConfig, type RunConfig, readRunConfig } from './config';
import type { LogLine } from './log';
import { planRun, type Wish } from './recipe';
import { runJob } from './run';

export interface TrainWeightsOptions extends Partial<Wish> {
  /** From `openGpu` or `openNodeGpu`. It remains the caller's. */
  readonly gpu: Gpu;
  /** HDR images (.hdr, .exr) by name, as bytes or as functions that read them on demand. */
  readonly scenes: Readonly<Record<string, Uint8Array | (() => Promise<Uint8Array>)>>;
  /** The complete recipe, instead of `size`, `patch` and `steps`; `planRun` returns one to modify. */
  readonly config?: RunConfig;
  /** The `checkpoint` of an earlier run, to continue it with bit-identical numbers. */
  readonly from?: Uint8Array;
  /** On abort, stops after the current step, with a checkpoint. */
  readonly signal?: AbortSignal;
  /** Receives every step, validation and event. */
  readonly onLine?: (line: LogLine) => void;
  /** Receives messages for the user, such as unusable scenes. */
  readonly onNotice?: (message: string) => void;
  /** Steps between two validations. Default: 25. */
  readonly validateEvery?: number;
}

export interface TrainedWeights {
  /** A weight file for `Enhancer.create({ model })`; null if the run was stopped before its first validation. */
  readonly weights: Uint8Array | null;
  /** Pass this as `from` to continue. */
  readonly checkpoint: Uint8Array;
  /** Finished steps. */
  readonly step: number;
}

/**
 * Trains a network on HDR images in the current thread, which should be a worker's: `glocal train` for other
 * programs.
 *
 * @throws {InputError} without usable scenes, or for an impossible recipe.
 * @throws {DivergenceError} when the loss stops being finite.
 * @throws {DeviceLostError} when the device is lost.
 */
export async function trainWeights(options: TrainWeightsOptions): Promise<TrainedWeights> {
  const { gpu, scenes, from, signal, onLine, onNotice = () => {}, validateEvery = 25 } = checked(options);
  const { size = 'instant', patch = 128, steps = 1000 } = options;
  const config = options.config
    ? readRunConfig(options.config)
    : planRun(Object.keys(scenes), { size, patch, steps });
  checkRunConfig(config);
  const sourceOf = (name: string): SceneSource => ({ name, read: () => read(scenes, name) });
  const cache = { maxBytes: DEFAULT_CACHE_BYTES, onNotice };
  const maker = new PairMaker(config.scenes.train.map(sourceOf), config.seed, config.synthesis, cache);
  const heldOut = config.scenes.validation.map(sourceOf);
  const given: { weights: Uint8Array | null; checkpoint: Uint8Array | null } = {
    weights: null,
    checkpoint: from ?? null,
  };
  const { step } = await runJob(gpu, {
    config,
    cadence: { validateEvery, checkpointEvery: steps, checkpointMinutes: 0, lossEvery: 1 },
    checkpoint: from && decodeCheckpoint(from, 'from'),
    pairs: maker,
    validation: heldOut.length > 0 ? (how) => validationPairs(heldOut, how) : undefined,
    output: {
      log: async (line) => onLine?.(line),
      checkpoint: async (_, checkpoint) => void Object.assign(given, { checkpoint }),
      best: async (weights) => void Object.assign(given, { weights }),
      final: async (weights) => void Object.assign(given, { weights }),
    },
    runtime: 'a program of its own',
    onNotice,
    ...(signal && { signal }),
  });
  const { weights, checkpoint } = given;
  if (!checkpoint) throw new InputError('There was no step left to train. Give more steps.');
  return { weights, checkpoint, step };
}

function checked(options: TrainWeightsOptions): TrainWeightsOptions {
  if (typeof options?.gpu?.destroy !== 'function')
    throw new InputError('trainWeights needs gpu: the result of openGpu or, in Node, openNodeGpu.');
  if (typeof options.scenes !== 'object' || options.scenes === null)
    throw new InputError('trainWeights needs scenes: an object of HDR images by name.');
  return options;
}

async function read(scenes: TrainWeightsOptions['scenes'], name: string): Promise<Uint8Array> {
  const scene = scenes[name];
  if (scene === undefined) throw new InputError(`The recipe names the scene ${name}, which is not given.`);
  return typeof scene === 'function' ? scene() : scene;
}
