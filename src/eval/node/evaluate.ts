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
import type { MethodResults } from '../compare';
import type { RgbImage } from '../image';
import { type MetricName, metricsFor, type Subject } from '../metrics/measure';
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
import { folderDigest, outputName, readMade } from './picture-folders';
import type { PictureModel } from './picture-model';
import { type TestPicture, type TestSet, testPhotos, testScenes } from './pictures';
import { ComparePool } from './pool';
import type { ToWorker } from './protocol';

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
export interface PicturedEvaluation {
  readonly evaluation: Evaluation;
  readonly images: readonly PictureImages[];
}

/** Longest side of a picture in the report. */
const REPORT_SIDE = 384;

interface NamedModel {
  readonly method: string;
  readonly model: PictureModel;
}

/** Everything that runs on each test picture. */
interface Setup {
  readonly models: readonly NamedModel[];
  readonly made: readonly ModelChoice[];
  readonly outputs: string | undefined;
  readonly shard: Shard | undefined;
  readonly baselines: readonly BaselineName[];
  /** Whether pictures have a target, which is measured as well. */
  readonly hasTarget: boolean;
  readonly metrics: readonly MetricName[];
  /** Methods whose unevenness is shown in the report. */
  readonly withoutGlobal: readonly string[];
  readonly pool: ComparePool;
  readonly say: (line: string) => void;
  readonly onProgress: (done: number, total: number) => void;
}

/**
 * Runs every method on the same test pictures and measures the results.
 *
 * @throws {InputError} when there are no pictures, or a model cannot be read.
 */
export async function evaluateMethods(
  flags: TableFlags,
  { say, onProgress }: EvaluationListener,
): Promise<PicturedEvaluation> {
  const { photos, size, seed, targets: target, sharp = false, degrade = false, outputs, shard } = flags;
  const made = flags.pictures ?? [];
  requireTitles([...flags.model, ...made]);
  if (shard && flags.log === undefined) {
    throw new InputError(
      '--shard keeps the results of a part in a log, and there is none. Give --log FILE, the same to every part.',
    );
  }
  const metrics = flags.metrics ?? metricsFor(photos === undefined ? ['hdr', 'target'] : []);
  const qualityModels = await readQualityModels(flags);
  const files = await readModels(flags.model);
  const testSet =
    photos === undefined
      ? await testScenes({
          folder: flags.data,
          all: flags.all ?? false,
          ...{ count: flags.pairs, size, seed, target, sharp, degrade, onNotice: say },
        })
      : await testPhotos(photos);
  const settings = {
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
  if (outputs !== undefined) makeOutputs(outputs);
  const log = new EvaluationLog(flags.log, settings, shard);
  const gpu = await openTunedGpu();
  const pool = new ComparePool(flags.workers ?? Math.max(1, availableParallelism() - 1), {
    models: qualityModels,
    pictureSide: flags.report === undefined ? undefined : REPORT_SIDE,
  });
  try {
    const adapter = describe(gpu.traits);
    if (gpu.traits.isSoftware) say(`Computing in software, on the processor (${adapter}): this is slow.`);
    const models: NamedModel[] = [];
    for (const file of files)
      models.push({ method: methodOf(file), model: await openModel(gpu, file, flags.finish ?? false) });
    const withoutGlobal = files.filter(lacksGlobalEncoder).map(methodOf);
    const hasTarget = photos === undefined;
    const setup = {
      models,
      made,
      outputs,
      shard,
      withoutGlobal,
      baselines: flags.methods,
      hasTarget,
      metrics,
      pool,
      say,
      onProgress,
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

/** Makes the pictures and the models' outputs here, while threads measure earlier ones. */
async function runMethods(
  { count, pictures }: TestSet,
  setup: Setup,
  log: EvaluationLog,
): Promise<LoggedPicture[]> {
  const results: LoggedPicture[] = [];
  const running = new Set<Promise<void>>();
  const failures: unknown[] = [];
  const finish = async (index: number, name: string, task: ToWorker | MethodResults) => {
    const compared =
      'image' in task
        ? await setup.pool.run(task as ToWorker)
        : { results: task, pictures: {}, closeUps: {}, blocks: {} };
    const picture = { index, name, ...compared };
    await log.add(picture);
    results.push(picture);
    setup.onProgress(results.length, count);
  };
  const batch = Math.max(...setup.models.map(({ model }) => model.batch));
  setup.onProgress(0, count);
  for await (const group of groups(pictures, batch)) {
    if (setup.shard && !isOfShard(group, batch, setup.shard)) continue;
    const known = group.flatMap(({ index }) => log.done.get(index) ?? []);
    results.push(...known);
    setup.onProgress(results.length, count);
    // Groups share a batch, so if one picture has to be run again, the whole group is.
    const tasks = known.length < group.length ? await prepare(group, setup) : [];
    for (const [k, task] of tasks.entries()) {
      const { index, picture } = group[k] as Numbered;
      if (log.done.has(index)) continue;
      const job: Promise<void> = finish(index, picture.name, task)
        .catch((error: unknown) => {
          failures.push(error);
        })
        .finally(() => running.delete(job));
      running.add(job);
      // Keeps all threads busy, with no more pictures in memory than necessary.
      if (running.size > setup.pool.capacity) await Promise.race(running);
    }
    if (failures.length > 0) break;
  }
  await Promise.all(running);
  if (failures.length > 0) throw failures[0];
  return results.sort((a, b) => a.index - b.index);
}

/** A picture and its index. */
interface Numbered {
  readonly index: number;
  readonly picture: TestPicture;
}

/** Shards consist of whole groups, since the pictures of a group affect each other. */
const isOfShard = (group: readonly Numbered[], batch: number, { index, count }: Shard): boolean =>
  Math.floor((group[0] as Numbered).index / batch) % count === index - 1;

/** Groups of `size` pictures; the last may be smaller. */
async function* groups(pictures: AsyncIterable<TestPicture>, size: number): AsyncGenerator<Numbered[]> {
  let group: Numbered[] = [];
  let index = 0;
  for await (const picture of pictures) {
    group.push({ index: index++, picture });
    if (group.length < size) continue;
    yield group;
    group = [];
  }
  if (group.length > 0) yield group;
}

/** The task for each picture, or empty results with the reason if its file is unusable. */
async function prepare(group: readonly Numbered[], setup: Setup): Promise<(ToWorker | MethodResults)[]> {
  const { models, made, outputs: folder, hasTarget, withoutGlobal, baselines, metrics } = setup;
  const subjects = new Map<number, Subject>();
  const blanks = new Map<number, MethodResults>();
  for (const { index, picture } of group) {
    try {
      subjects.set(index, await picture.make());
    } catch (error) {
      if (!(error instanceof InputError)) throw error;
      setup.say(`${picture.name}: left out. ${error.message}`);
      blanks.set(index, blankResults(error.message, setup));
    }
  }
  const images = [...subjects.values()].map(({ image }) => image);
  const outputs: [string, RgbImage[]][] = [];
  for (const { method, model } of models) outputs.push([method, await model.run(images)]);
  const order = [...subjects.keys()];
  const nameOf = ({ index, picture }: Numbered) => ({ index, name: picture.name, isPhoto: !hasTarget });
  for (const choice of made) {
    const present = group.filter(({ index }) => subjects.has(index));
    const pictures = present.map((numbered, k) => readMade(choice, nameOf(numbered), images[k] as RgbImage));
    outputs.push([methodOf(choice), await Promise.all(pictures)]);
  }
  return group.map((numbered) => {
    const { index } = numbered;
    const subject = subjects.get(index);
    if (!subject) return blanks.get(index) as MethodResults;
    const own = outputs.map(([method, all]) => [method, all[order.indexOf(index)] as RgbImage]);
    const save = folder === undefined ? {} : { save: { folder, name: outputName(nameOf(numbered)) } };
    return { ...subject, baselines, outputs: Object.fromEntries(own), metrics, withoutGlobal, ...save };
  });
}

function blankResults(reason: string, { models, made, baselines, hasTarget, metrics }: Setup): MethodResults {
  const blank = Object.fromEntries(metrics.map((metric) => [metric, { reason }]));
  const target = hasTarget ? ['target'] : [];
  const own = [...models.map(({ method }) => method), ...made.map(methodOf)];
  const methods = ['input', ...baselines, ...own, ...target];
  return Object.fromEntries(methods.map((method) => [method, blank]));
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
    `Two methods are called «${twice.title}». Give each its own title: title=${twice.source}.`,
  );
}

function makeOutputs(folder: string): void {
  try {
    makeFolder(folder);
  } catch (cause) {
    throw new InputError(`${folder} cannot be made: ${reason(cause)}. Choose another place for --outputs.`, {
      cause,
    });
  }
}

const methodOf = ({ title }: ModelChoice): string => `model:${title}`;

const digest = (content: Uint8Array | string): string =>
  createHash('sha256').update(content).digest('hex').slice(0, 16);
