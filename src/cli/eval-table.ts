import { createHash } from 'node:crypto';
import { availableParallelism } from 'node:os';
import { Presets, SingleBar } from 'cli-progress';
import { listBundledScenes } from '../data/node/bundled-scenes';
import { listScenes, type SceneFile, sceneSource } from '../data/node/scenes';
import { synthesisePair, synthesisePatch } from '../data/pair';
import { splitScenes } from '../data/split';
import { DEFAULT_SYNTHESIS } from '../data/synthesis-config';
import { type ValidationDraw, validationDraws } from '../data/validation-set';
import { Enhancer } from '../enhance/enhancer';
import { loadModel } from '../enhance/models-node';
import { InputError } from '../errors';
import { BASELINES, type BaselineName } from '../eval/baselines/baselines';
import type { CompareTask } from '../eval/compare';
import type { RgbImage } from '../eval/image';
import type { MetricName } from '../eval/metrics/measure';
import { ComparePool } from '../eval/node/pool';
import { buildTable, type Method, type PictureResults, type Table } from '../eval/table';
import { describe } from '../gpu/device';
import { openNodeGpu } from '../gpu/node/dawn';
import { type ModelFlags, readQualityModels } from './eval-files';
import { EvaluationLog, type LoggedPicture } from './eval-log';

export interface TableFlags extends ModelFlags {
  data?: string;
  model: readonly string[];
  methods: readonly BaselineName[];
  metrics: readonly MetricName[];
  pairs: number;
  size: number;
  seed: number;
  workers?: number;
  log?: string;
  report?: string;
}

/** What `glocal eval --json` prints. */
export interface Evaluation {
  readonly models: readonly string[];
  readonly adapter: string;
  /** Scenes that were held out and used, by name. */
  readonly scenes: readonly string[];
  readonly pairs: number;
  readonly size: number;
  readonly seed: number;
  readonly table: Table;
  readonly pictures: readonly PictureResults[];
}

/** An evaluation with the pictures for its report, as data URIs. */
export interface PicturedEvaluation {
  readonly evaluation: Evaluation;
  readonly images: readonly Readonly<Record<string, string>>[];
}

/** Longest side of a picture in the report. */
const REPORT_SIDE = 384;

interface NamedEnhancer {
  readonly name: string;
  readonly enhancer: Enhancer;
}

/**
 * Runs every method on the same test pictures and measures the results.
 *
 * @throws {InputError} when there are no scenes to hold out, or none that can be read.
 */
export async function evaluateMethods(
  flags: TableFlags,
  say: (line: string) => void,
): Promise<PicturedEvaluation> {
  const { pairs, size, seed, metrics } = flags;
  const models = await readQualityModels(flags);
  const weights = await Promise.all(
    flags.model.map(async (name) => ({ name, bytes: await loadModel(name) })),
  );
  const held = await heldOutScenes(flags.data);
  const log = new EvaluationLog(flags.log, {
    scenes: held.map(({ name }) => name),
    size,
    seed,
    metrics,
    baselines: flags.methods,
    weights: weights.map(({ name, bytes }) => [name, digest(bytes)]),
    models: digest(JSON.stringify(models)),
    pictures: flags.report !== undefined,
  });
  const gpu = await openNodeGpu();
  const pool = new ComparePool(flags.workers ?? Math.max(1, availableParallelism() - 1), {
    models,
    pictureSide: flags.report === undefined ? undefined : REPORT_SIDE,
  });
  try {
    const adapter = describe(gpu.traits);
    if (gpu.traits.isSoftware) say(`Computing in software, on the processor (${adapter}): this is slow.`);
    const enhancers: NamedEnhancer[] = [];
    for (const { name, bytes } of weights) {
      enhancers.push({ name, enhancer: await Enhancer.create({ gpu, model: bytes, modelName: name }) });
    }
    const draws = validationDraws(held.map(sceneSource), { count: pairs, seed, onNotice: say });
    const pictures = await comparePairs(draws, enhancers, flags, pool, log);
    for (const { enhancer } of enhancers) enhancer.dispose();
    return summarise(pictures, flags, adapter);
  } finally {
    await pool.close();
    gpu.destroy();
  }
}

/** Makes the pairs and the models' pictures here, while threads measure those before. */
async function comparePairs(
  draws: AsyncGenerator<ValidationDraw>,
  enhancers: readonly NamedEnhancer[],
  flags: TableFlags,
  pool: ComparePool,
  log: EvaluationLog,
): Promise<LoggedPicture[]> {
  const bar = new SingleBar(
    { format: '{bar} {value}/{total} pictures, {eta_formatted} left' },
    Presets.shades_classic,
  );
  if (process.stderr.isTTY) bar.start(flags.pairs, 0);
  const results: LoggedPicture[] = [];
  const running = new Set<Promise<void>>();
  const finish = async (index: number, scene: string, task: CompareTask) => {
    const picture = { index, scene, ...(await pool.run(task)) };
    await log.add(picture);
    results.push(picture);
    bar.increment();
  };
  let index = 0;
  try {
    for await (const draw of draws) {
      const done = log.done.get(index);
      if (done) {
        results.push(done);
        bar.increment();
      } else {
        const task = await prepare(draw, enhancers, flags);
        const job = finish(index, draw.scene.name, task).finally(() => running.delete(job));
        running.add(job);
        // Enough work in store for every thread, and no more pictures in memory than that.
        if (running.size > pool.capacity) await Promise.race(running);
      }
      index++;
    }
    await Promise.all(running);
  } finally {
    bar.stop();
  }
  return results.sort((a, b) => a.index - b.index);
}

async function prepare(
  { scene, random }: ValidationDraw,
  enhancers: readonly NamedEnhancer[],
  { size, methods, metrics }: TableFlags,
): Promise<CompareTask> {
  const config = { ...DEFAULT_SYNTHESIS, size };
  const pair = synthesisePair(scene, random, config);
  const hdr = synthesisePatch(scene, random, config).image;
  const square = (data: Uint8Array): RgbImage => ({ width: size, height: size, data });
  const outputs: Record<string, RgbImage> = {};
  for (const { name, enhancer } of enhancers) {
    const { data } = await enhancer.run({ data: withAlpha(pair.input), width: size, height: size });
    outputs[methodOfModel(name)] = square(withoutAlpha(data));
  }
  return {
    image: square(pair.input),
    target: square(pair.target),
    hdr,
    baselines: methods,
    outputs,
    metrics,
  };
}

function summarise(
  results: readonly LoggedPicture[],
  { model, methods, metrics, pairs, size, seed }: TableFlags,
  adapter: string,
): PicturedEvaluation {
  const columns: Method[] = [
    { name: 'input', title: 'input' },
    ...methods.map((name) => ({ name, title: BASELINES[name].title })),
    ...model.map((name) => ({ name: methodOfModel(name), title: `glocal, ${name}` })),
  ];
  const pictures = results.map(({ index, scene, results }) => ({
    name: `${index + 1}: ${scene}`,
    methods: results,
  }));
  const ours = methodOfModel(model[0] as string);
  return {
    evaluation: {
      models: model,
      adapter,
      scenes: [...new Set(results.map(({ scene }) => scene))].sort(),
      pairs,
      size,
      seed,
      table: buildTable(pictures, columns, metrics, { ours, seed }),
      pictures,
    },
    images: results.map(({ pictures }) => pictures),
  };
}

/** The scenes that `glocal train` on the same data does not train on. */
async function heldOutScenes(data: string | undefined): Promise<SceneFile[]> {
  const scenes = data === undefined ? await listBundledScenes() : await listScenes(data);
  const { validation } = splitScenes(scenes);
  if (validation.length > 0) return validation;
  throw new InputError(`${data}: one scene is too few to hold one out. Give a folder with more HDR images.`);
}

const methodOfModel = (name: string): string => `glocal:${name}`;

const digest = (content: Uint8Array | string): string =>
  createHash('sha256').update(content).digest('hex').slice(0, 16);

function withAlpha(rgb: Uint8Array): Uint8ClampedArray {
  const rgba = new Uint8ClampedArray((rgb.length / 3) * 4).fill(255);
  for (let i = 0, j = 0; i < rgb.length; i += 3, j += 4) rgba.set(rgb.subarray(i, i + 3), j);
  return rgba;
}

function withoutAlpha(rgba: ArrayLike<number>): Uint8Array {
  const rgb = new Uint8Array((rgba.length / 4) * 3);
  for (let i = 0, j = 0; i < rgb.length; i += 3, j += 4) {
    for (let c = 0; c < 3; c++) rgb[i + c] = rgba[j + c] as number;
  }
  return rgb;
}
