import { InputError } from '../errors';
import { METRIC_NAMES, METRICS, type Measurement, type MetricName, measure } from '../eval/metrics/measure';
import { type ModelFlags, readHdr, readPicture, readQualityModels } from './eval-files';

export interface ScoreFlags extends ModelFlags {
  hdr?: string;
  target?: string;
  metrics: readonly MetricName[];
  json?: boolean;
}

/** What `glocal eval score --json` prints: a list of these. */
export interface ScoredPicture {
  readonly file: string;
  readonly width: number;
  readonly height: number;
  readonly metrics: Readonly<Partial<Record<MetricName, Measurement>>>;
}

/** Measures single pictures and prints what there is to say of each metric. */
export async function scorePictures(files: readonly string[], flags: ScoreFlags): Promise<void> {
  const models = await readQualityModels(flags);
  const hdr = flags.hdr === undefined ? undefined : await readHdr(flags.hdr);
  const target = flags.target === undefined ? undefined : await readPicture(flags.target);
  const scored: ScoredPicture[] = [];
  for (const file of files) {
    const image = await readPicture(file);
    for (const [other, name] of [
      [hdr, flags.hdr],
      [target, flags.target],
    ] as const) {
      if (!other || (other.width === image.width && other.height === image.height)) continue;
      throw new InputError(
        `${file} is ${image.width} x ${image.height} and ${name} is ${other.width} x ${other.height}. ` +
          'Give pictures of one size that show the same.',
      );
    }
    const { width, height } = image;
    const entries = flags.metrics.map((metric) => [metric, measure(metric, { image, hdr, target }, models)]);
    scored.push({ file, width, height, metrics: Object.fromEntries(entries) });
  }
  process.stdout.write(flags.json ? `${JSON.stringify(scored, null, 2)}\n` : scored.map(describe).join('\n'));
}

function describe({ file, width, height, metrics }: ScoredPicture): string {
  const names = METRIC_NAMES.filter((name) => metrics[name]);
  const wide = Math.max(...names.map((name) => METRICS[name].title.length));
  const rows = names.map((name) => {
    const result = metrics[name] as Measurement;
    const { title, better } = METRICS[name];
    const said =
      'value' in result
        ? `${result.value.toFixed(4).padStart(10)}  (${better} is better)`
        : `- ${result.reason}`;
    return `  ${title.padEnd(wide)}  ${said}`;
  });
  return `${[`${file} (${width} x ${height})`, ...rows].join('\n')}\n`;
}
