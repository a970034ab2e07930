import { BASELINES, type BaselineName } from './baselines/baselines';
import type { RgbImage } from './image';
import {
  type Measurement,
  type MetricName,
  measure,
  type QualityModels,
  type Subject,
} from './metrics/measure';

/** One test picture, with what models made of it. */
export interface CompareTask extends Subject {
  /** Baselines to run on `image`, which itself is the method `input`. */
  readonly baselines: readonly BaselineName[];
  /** Outputs that are there already, by method. */
  readonly outputs: Readonly<Record<string, RgbImage>>;
  readonly metrics: readonly MetricName[];
  /** Those of the outputs that are of models without a global encoder. */
  readonly withoutGlobal: readonly string[];
}

export type MethodResults = Readonly<Record<string, Readonly<Partial<Record<MetricName, Measurement>>>>>;

/** Every method's picture: the input, the baselines, the outputs, and the target if there is one, in this order. */
export function picturesOf({
  image,
  target,
  baselines,
  outputs,
}: CompareTask): ReadonlyMap<string, RgbImage> {
  const pictures = new Map<string, RgbImage>([['input', image]]);
  for (const name of baselines) pictures.set(name, BASELINES[name].run(image));
  for (const [name, output] of Object.entries(outputs)) pictures.set(name, output);
  if (target) pictures.set('target', target);
  return pictures;
}

/** All metrics of all pictures. */
export function comparePictures(
  pictures: ReadonlyMap<string, RgbImage>,
  { hdr, target, metrics }: CompareTask,
  models: QualityModels,
): MethodResults {
  const results = [...pictures].map(([method, image]) => {
    const cells = metrics.map((metric) => [metric, measure(metric, { image, hdr, target }, models)]);
    return [method, Object.fromEntries(cells)];
  });
  return Object.fromEntries(results);
}
