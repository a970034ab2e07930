import type { SynthesisConfig } from '../data/synthesis-config';
import { InputError, WeightsError } from '../errors';
import { type ModelConfig, modelConfig, sizeMultiple } from '../model/model-config';
import type { LossName } from '../model/trainable';
import type { Schedule } from './schedule';

/**
 * Everything that determines the numbers of a run. Written to `config.json` and into every checkpoint; a run resumes
 * only with an equal configuration. Options that only affect speed, or when files are written, do not belong here.
 */
export interface RunConfig {
  readonly network: ModelConfig;
  /** SHA-256 of the weight file that the run starts from. Absent: random weights from the seed. */
  readonly from?: string;
  /** Pairs per step. */
  readonly batch: number;
  /**
   * Number of parts that a step is computed in, averaging their gradients. Batch norm sees one part at a time.
   * Absent: 1.
   */
  readonly accumulate?: number;
  readonly schedule: Schedule;
  /**
   * Number of final batches over which the batch-norm statistics are measured again at the end. Absent: none; the
   * running statistics are used.
   */
  readonly statistics?: number;
  /** Absent: the network's default. */
  readonly loss?: LossName;
  readonly seed: number;
  /** How scenes become pairs. */
  readonly synthesis: SynthesisConfig;
  /** Names of the training and held-out scenes, both sorted. */
  readonly scenes: {
    readonly train: readonly string[];
    readonly validation: readonly string[];
    /** Names of the finished photos used in training, sorted. */
    readonly photos?: readonly string[];
  };
  /** The number of fixed pairs from held-out scenes, and their side in pixels. */
  readonly validation: { readonly pairs: number; readonly size: number; readonly seed: number };
}

/**
 * A configuration from a file, completed with the values that older files imply.
 *
 * @throws {InputError} for a run that fused its targets on the device, whose bits this version cannot reproduce.
 */
export function readRunConfig(config: RunConfig): RunConfig {
  if ('fusion' in config.synthesis) {
    throw optionError(
      'This run was made with --fusion device, which no longer exists, so it cannot continue with the same numbers. ' +
        'Start a new run from its weights with --from.',
    );
  }
  // Older files have the side of the patches as `size`.
  const { size, ...synthesis } = config.synthesis as SynthesisConfig & { readonly size?: number };
  return {
    ...config,
    network: modelConfig({ ...config.network }),
    synthesis: size === undefined ? synthesis : { ...synthesis, patch: size },
  };
}

/** Refuses impossible values, naming the option, before anything is written. */
export function checkRunConfig(config: RunConfig): void {
  const { synthesis, batch, seed, validation } = config;
  const { patch } = synthesis;
  const multiple = sizeMultiple(modelConfig({ ...config.network }));
  if (!isMultiple(patch, multiple)) {
    throw optionError(
      `--patch is ${patch}; the network halves it ${Math.log2(multiple)} times, so give a multiple of ${multiple}.`,
    );
  }
  const finished = synthesis.finished?.share ?? 0;
  if (!(finished >= 0 && finished < 1)) {
    throw optionError(`--finished is ${finished}; give a share of the pairs, 0 or more and below 1.`);
  }
  const mean = synthesis.target.finish?.mean;
  if (mean && ![mean.level, mean.dark, mean.bright].every(Number.isFinite)) {
    throw optionError(
      'The targets of this run are finished in a way that this version does not know. Continue with the version that started it.',
    );
  }
  const { photos } = synthesis;
  if (photos && !(photos.share > 0 && photos.share < 1)) {
    throw optionError(`--photo-share is ${photos.share}; give a share of the pairs between 0 and 1.`);
  }
  if (!Number.isInteger(batch) || batch < 2) {
    throw optionError(
      `--batch is ${batch}; batch norm over the 1x1 global feature needs at least 2 pairs a step, and 16 or more to train well.`,
    );
  }
  const { accumulate = 1 } = config;
  if (!Number.isInteger(batch / accumulate) || batch / accumulate < 2) {
    throw optionError(
      `--accumulate is ${accumulate}; it must divide the ${batch} pairs of a step into parts of 2 or more.`,
    );
  }
  const { statistics = 0 } = config;
  if (!Number.isInteger(statistics) || statistics < 0) {
    throw optionError(`--statistics is ${statistics}; give a whole number of batches, 0 or more.`);
  }
  checkSchedule(config.schedule);
  if (!Number.isSafeInteger(seed) || seed < 0) {
    throw optionError(`--seed is ${seed}; give a whole number, 0 or more.`);
  }
  if (!isMultiple(validation.size, multiple)) {
    throw optionError(`The validation size is ${validation.size}; give a multiple of ${multiple}.`);
  }
}

function checkSchedule({ rate, warmup, steps, earlier }: Schedule): void {
  if (!Number.isInteger(steps) || steps < 1) {
    throw optionError(`--steps is ${steps}; give a whole number of steps, 1 or more.`);
  }
  if (!Number.isInteger(warmup) || warmup < 0) {
    throw optionError(`--warmup is ${warmup}; give a whole number of steps, 0 or more.`);
  }
  if (!(rate > 0) || !Number.isFinite(rate)) {
    throw optionError(`--lr is ${rate}; give a learning rate above 0 (0.002 is the paper's).`);
  }
  if (earlier) checkSchedule(earlier);
}

/** The configuration under which an extended run did its first `steps` steps; the same one if it was not extended. */
export function configAt(config: RunConfig, steps: number): RunConfig {
  let { schedule } = config;
  while (schedule.earlier && steps <= schedule.earlier.steps) schedule = schedule.earlier;
  return { ...config, schedule };
}

/** One line for each value that differs between two configurations: `network.width: 8 there, 16 here`. */
export function differences(there: unknown, here: unknown, path = ''): string[] {
  if (isRecord(there) && isRecord(here)) {
    const keys = [...new Set([...Object.keys(there), ...Object.keys(here)])].sort();
    return keys.flatMap((key) => differences(there[key], here[key], path === '' ? key : `${path}.${key}`));
  }
  if (Array.isArray(there) && Array.isArray(here)) return listDifferences(there, here, path);
  if (Object.is(there, here)) return [];
  return [`${path}: ${describe(there)} there, ${describe(here)} here`];
}

/**
 * Refuses to resume under a different configuration.
 * @param what names the existing side: `The run in DIR`.
 */
export function requireSameConfig(what: string, there: RunConfig, here: RunConfig): void {
  const found = differences(there, here);
  if (found.length === 0) return;
  throw new WeightsError(
    `${what} has a different configuration and cannot continue with this one:\n  ${found.join('\n  ')}\n` +
      'Give the same options (or none: a resumed run knows its own), or choose another output folder.',
  );
}

function listDifferences(there: readonly unknown[], here: readonly unknown[], path: string): string[] {
  if (JSON.stringify(there) === JSON.stringify(here)) return [];
  const only = (a: readonly unknown[], b: readonly unknown[]) => a.filter((item) => !b.includes(item));
  const [gone, added] = [only(there, here), only(here, there)];
  const parts = [
    ...(gone.length > 0 ? [`${list(gone)} only there`] : []),
    ...(added.length > 0 ? [`${list(added)} only here`] : []),
  ];
  return [`${path}: ${parts.length > 0 ? parts.join(', ') : 'another order'}`];
}

const isMultiple = (size: number, of: number): boolean =>
  Number.isInteger(size) && size >= of && size % of === 0;

const list = (items: readonly unknown[]): string =>
  items.slice(0, 5).map(describe).join(', ') + (items.length > 5 ? ` and ${items.length - 5} more` : '');

const describe = (value: unknown): string =>
  value === undefined ? 'absent' : typeof value === 'string' ? value : JSON.stringify(value);

const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const optionError = (message: string): InputError => new InputError(message, { code: 'invalid-option' });
