import { createHash } from 'node:crypto';
import { availableParallelism } from 'node:os';
import type { TargetName } from '../../data/synthesis-config';
import type { Shard } from '../../enhance/node/jobs';
import { InputError } from '../../errors';
import { describe } from '../../gpu/device';
import { openTunedGpu } from '../../kernels/node/tuned';
import { makeFolder } from '../../make-folder-node';
import { reason } from '../../reason';
import { BASELINES, type BaselineName } from '../baselines/baselines';
import { type MetricName, metricsFor } from '../metrics/measure';
import type { PictureImages } from '../report';
import { buildTable, type Method, type PictureResults, type Table } from '../table';
import { type ModelFlags, readQualityModels } from './files';
import type { EvaluationListener } from './listener';
import { EvaluationLog, type LoggedPicture } from './log';
import {
  lacksGlobalEncoder,
  type ModelChoice,
  type ModelFile,
  openModel,
  readModels,
  sharesBatches,
} from './models';
import { folderDigest } from './picture-folders';
import { type TestSet, testPhotos, testScenes } from './pictures';
import { ComparePool } from './pool';
import { methodOf, type NamedModel, runMethods } from './run-methods';

export interface TableFlags extends ModelFlags {
  data?: string;
  all?: boolean;
  photos?: string;
  model: readonly ModelChoice[];
  /** Folders with other programs' outputs for the test pictures. */
  pictures?: readonly ModelChoice[];
  methods: readonly BaselineName[];
  metrics?: readonly MetricName[];
  pairs: number;
  size: number;
  seed: number;
  targets: TargetName;
  sharp?: boolean;
  finish?: boolean;
  degrade?: boolean;
  workers?: number;
  log?: string;
  /** A folder for the pictures of every method. */
  outputs?: string;
  /** Restricts the run to these pictures; results go to the log. */
  shard?: Shard;
  report?: string;
}

/** The JSON of `glocal eval --json`. */
export interface Evaluation {
  readonly models: readonly ModelChoice[];
  readonly adapter: string;
  /** Names of the scenes or photos used. */
  readonly sources: readonly string[];
  /** Number of test pictures; if made from scenes, also their side and seed. */
  readonly count: number;
  readonly size: number | null;
  readonly seed: number;
  readonly target: TargetName;
  /** Whether no picture was enlarged from its scene. */
  readonly sharp: boolean;
  /** Whether the networks' outputs were finished. */
  readonly finish: boolean;
  /** Whether inputs had noise and JPEG losses. */
  readonly degraded: boolean;
  readonly table: Table;
  readonly pictures: readonly PictureResults[];
}

/** An evaluation with the pictures for its report, as data URIs. */
interface PicturedEvaluation {
  readonly evaluation: Evaluation;
  readonly images: readonly PictureImages[];
}

/** Longest side of a picture in the report. */
const REPORT_SIDE = 384;

/**
 * Runs every method on the same test pictures and measures the results.
 *
 * @throws {InputError} when there are no pictures, or a model cannot be read.
 */
export async function evaluateMethods(
  flags: TableFlags,
  { onNotice, onProgress }: EvaluationListener,
): Promise<PicturedEvaluation> {
  const { photos, outputs, shard } = flags;
  const made = flags.pictures ?? [];
  requireTitles([...flags.model, ...made]);
  if (shard && flags.log === undefined) {
    throw new InputError(
      '--shard keeps the results of each part in a log. Give --log FILE, the same for every part.',
    );
  }
  const hasTarget = photos === undefined;
  const metrics = flags.metrics ?? metricsFor(hasTarget ? ['hdr', 'target'] : []);
  const qualityModels = await readQualityModels(flags);
  const files = await readModels(flags.model);
  const testSet = await openTestSet(flags, onNotice);
  const settings = logSettings(flags, { testSet, files, metrics, qualityModels });
  if (outputs !== undefined) makeOutputs(outputs);
  const log = new EvaluationLog(flags.log, settings, shard);
  const gpu = await openTunedGpu();
  const pool = new ComparePool(flags.workers ?? Math.max(1, availableParallelism() - 1), {
    models: qualityModels,
    pictureSide: flags.report === undefined ? undefined : REPORT_SIDE,
  });
  try {
    const adapter = describe(gpu.traits);
    if (gpu.traits.isSoftware)
      onNotice(`Computing in software, on the processor (${adapter}): this is slow.`);
    const models: NamedModel[] = [];
    for (const file of files)
      models.push({ method: methodOf(file), model: await openModel(gpu, file, flags.finish ?? false) });
    const withoutGlobal = files.filter(lacksGlobalEncoder).map(methodOf);
    const setup = {
      ...{ models, made, withoutGlobal, baselines: flags.methods, outputs, shard, hasTarget, metrics },
      ...{ pool, onNotice, onProgress },
    };
    const results = await runMethods(testSet, setup, log);
    for (const { model } of models) await model.dispose();
    if (!shard) requireMeasured(results);
    return summarise(results, flags, { files, metrics, adapter });
  } finally {
    await pool.close();
    gpu.destroy();
  }
}

function openTestSet(flags: TableFlags, onNotice: (line: string) => void): Promise<TestSet> {
  const { data: folder, all = false, photos, pairs: count, size, seed, targets: target } = flags;
  if (photos !== undefined) return testPhotos(photos);
  const { sharp = false, degrade = false } = flags;
  return testScenes({ folder, all, count, size, seed, target, sharp, degrade, onNotice });
}

interface LogContext {
  readonly testSet: TestSet;
  readonly files: readonly ModelFile[];
  readonly metrics: readonly MetricName[];
  readonly qualityModels: unknown;
}

/** Everything that results depend on: a log is continued only under the same settings. */
function logSettings(flags: TableFlags, { testSet, files, metrics, qualityModels }: LogContext) {
  const { photos, size, seed, targets: target, sharp = false, degrade = false, outputs } = flags;
  const made = flags.pictures ?? [];
  return {
    sources: testSet.sources,
    ...(photos === undefined && { size, seed, target, sharp, degrade }),
    // With shared batches, the last ones depend on the number of pictures.
    ...(files.some(sharesBatches) && { count: testSet.count }),
    metrics,
    finish: flags.finish ?? false,
    baselines: flags.methods,
    weights: files.map(({ title, bytes }) => [title, digest(bytes)]),
    ...(made.length > 0 && { made: made.map((choice) => [choice.title, folderDigest(choice)]) }),
    qualityModels: digest(JSON.stringify(qualityModels)),
    pictures: flags.report !== undefined,
    ...(outputs !== undefined && { outputs }),
  };
}

/** @throws {InputError} if nothing could be measured on any picture: a table of dashes must not look like a result. */
function requireMeasured(results: readonly LoggedPicture[]): void {
  const measurements = results.flatMap((picture) =>
    Object.values(picture.results).flatMap((method) => Object.values(method)),
  );
  const reasons = measurements.flatMap((measurement) => ('reason' in measurement ? measurement.reason : []));
  if (measurements.length === 0 || reasons.length < measurements.length) return;
  throw new InputError(
    `No picture could be measured. The first: ${reasons[0]} Give other pictures or metrics.`,
  );
}

function summarise(
  results: readonly LoggedPicture[],
  {
    model,
    pictures: made = [],
    methods,
    photos,
    size,
    seed,
    targets: target,
    sharp = false,
    finish = false,
    degrade = false,
  }: TableFlags,
  {
    files,
    metrics,
    adapter,
  }: { files: readonly ModelFile[]; metrics: readonly MetricName[]; adapter: string },
): PicturedEvaluation {
  const columns: Method[] = [
    { name: 'input', title: 'input' },
    ...methods.map((name) => ({ name, title: BASELINES[name].title })),
    ...files.map((file) => ({
      name: methodOf(file),
      title: file.title,
      withoutGlobal: lacksGlobalEncoder(file),
    })),
    ...made.map((choice) => ({ name: methodOf(choice), title: choice.title })),
    ...(photos === undefined ? [{ name: 'target', title: 'target', isCeiling: true }] : []),
  ];
  const pictures = results.map(({ index, name, results }) => ({
    name: photos === undefined ? `${index + 1}: ${name}` : name,
    source: name,
    methods: results,
  }));
  const ours = methodOf(model[0] as ModelChoice);
  return {
    evaluation: {
      models: model,
      adapter,
      sources: [...new Set(results.map(({ name }) => name))].sort(),
      count: results.length,
      size: photos === undefined ? size : null,
      seed,
      target,
      sharp,
      finish,
      degraded: degrade,
      table: buildTable(pictures, columns, metrics, { ours, seed }),
      pictures,
    },
    images: results.map(({ pictures, closeUps, blocks }) => ({ pictures, closeUps, blocks })),
  };
}

function requireTitles(choices: readonly ModelChoice[]): void {
  const twice = choices.find(({ title }, k) => choices.findIndex((other) => other.title === title) < k);
  if (!twice) return;
  throw new InputError(
    `Two methods are called "${twice.title}". Give each its own title: title=${twice.source}.`,
  );
}

function makeOutputs(folder: string): void {
  try {
    makeFolder(folder);
  } catch (cause) {
    throw new InputError(
      `${folder} cannot be created: ${reason(cause)}. Choose another place for --outputs.`,
      {
        cause,
      },
    );
  }
}

const digest = (content: Uint8Array | string): string =>
  createHash('sha256').update(content).digest('hex').slice(0, 16);
