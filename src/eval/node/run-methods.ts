import type { Shard } from '../../enhance/node/jobs';
import { InputError } from '../../errors';
import type { BaselineName } from '../baselines/baselines';
import type { MethodResults } from '../compare';
import type { RgbImage } from '../image';
import type { MetricName, Subject } from '../metrics/measure';
import type { EvaluationLog, LoggedPicture } from './log';
import type { ModelChoice } from './models';
import { outputName, readMade } from './picture-folders';
import type { PictureModel } from './picture-model';
import type { TestPicture, TestSet } from './pictures';
import type { ComparePool } from './pool';
import type { ToWorker } from './protocol';

export interface NamedModel {
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
  readonly onNotice: (line: string) => void;
  readonly onProgress: (done: number, total: number) => void;
}

export const methodOf = ({ title }: ModelChoice): string => `model:${title}`;

/** Makes the pictures and the models' outputs here, while threads measure earlier ones. */
export async function runMethods(
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
      setup.onNotice(`${picture.name}: left out. ${error.message}`);
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
