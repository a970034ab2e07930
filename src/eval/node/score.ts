import { InputError } from '../../errors';
import { type Measurement, type MetricName, measure } from '../metrics/measure';
import { type ModelFlags, readHdr, readPicture, readQualityModels } from './files';

export interface ScoreOptions extends ModelFlags {
  /** The HDR picture of the scene, for TMQI. */
  hdr?: string;
  /** The desired picture, for metrics with a reference. */
  target?: string;
  metrics: readonly MetricName[];
}

/** One entry of the JSON of `glocal eval score --json`. */
export interface ScoredPicture {
  readonly file: string;
  readonly width: number;
  readonly height: number;
  readonly metrics: Readonly<Partial<Record<MetricName, Measurement>>>;
}

/**
 * Measures individual pictures.
 *
 * @throws {InputError} naming a file that cannot be read, or differs in size from its reference.
 */
export async function scorePictures(
  files: readonly string[],
  options: ScoreOptions,
): Promise<ScoredPicture[]> {
  const models = await readQualityModels(options);
  const hdr = options.hdr === undefined ? undefined : await readHdr(options.hdr);
  const target = options.target === undefined ? undefined : await readPicture(options.target);
  const scored: ScoredPicture[] = [];
  for (const file of files) {
    const image = await readPicture(file);
    for (const [other, name] of [
      [hdr, options.hdr],
      [target, options.target],
    ] as const) {
      if (!other || (other.width === image.width && other.height === image.height)) continue;
      throw new InputError(
        `${file} is ${image.width} x ${image.height} and ${name} is ${other.width} x ${other.height}. ` +
          'Give pictures of the same size that show the same scene.',
      );
    }
    const { width, height } = image;
    const entries = options.metrics.map((metric) => [
      metric,
      measure(metric, { image, hdr, target }, models),
    ]);
    scored.push({ file, width, height, metrics: Object.fromEntries(entries) });
  }
  return scored;
}
