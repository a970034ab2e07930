import { BASELINES, type BaselineName } from './baselines/baselines';
import type { RgbImage } from './image';
import {
  type Measurement,
  type MetricName,
  measure,
  type QualityModels,
  type Subject,
} from './metrics/measure';

/** One test picture, with the outputs of models for it. */
export interface CompareTask extends Subject {
  /** Baselines to run on `image`. The image itself is the method `input`. */
  readonly baselines: readonly BaselineName[];
  /** Existing outputs, by method. */
  readonly outputs: Readonly<Record<string, RgbImage>>;
  readonly metrics: readonly MetricName[];
  /** The outputs that come from models without a global encoder. */
  readonly withoutGlobal: readonly string[];
}

export type MethodResults = Readonly<Record<string, Readonly<Partial<Record<MetricName, Measurement>>>>>;

/** The pictures of all methods in order: input, baselines, outputs, and the target if there is one. */
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

/** Measures all metrics on all pictures. */
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
