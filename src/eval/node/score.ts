import { InputError } from '../../errors';
import { type Measurement, type MetricName, measure } from '../metrics/measure';
import { type ModelFlags, readHdr, readPicture, readQualityModels } from './files';

export interface ScoreOptions extends ModelFlags {
  /** The HDR picture that they all show, for TMQI. */
  hdr?: string;
  /** What they should have become, for the metrics that compare. */
  target?: string;
  metrics: readonly MetricName[];
}

/** What `glocal eval score --json` prints: a list of these. */
export interface ScoredPicture {
  readonly file: string;
  readonly width: number;
  readonly height: number;
  readonly metrics: Readonly<Partial<Record<MetricName, Measurement>>>;
}

/**
 * Measures single pictures.
 *
 * @throws {InputError} naming a file that cannot be read, or is not of the size of those it is compared with.
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
          'Give pictures of one size that show the same.',
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
