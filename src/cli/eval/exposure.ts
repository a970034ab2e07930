import { columns } from '../../bench/table';
import { InputError } from '../../errors';
import type { Exposure } from '../../eval/metrics/exposure';
import {
  type Brightness,
  change,
  type ExposureChange,
  type ExposureReport,
  mean,
  measureExposure,
} from '../../eval/node/exposure';
import type { ModelChoice } from '../../eval/node/models';
import { printableLine } from '../../printable';
import { onTerminal } from './listener';

export interface ExposureFlags {
  models: readonly ModelChoice[];
  finish?: boolean;
  worst: number;
  json?: boolean;
}

/** Prints how a model changes the brightness of photos; well-exposed photos should not change. */
export async function reportExposure(
  folder: string,
  { models, finish = false, worst, json }: ExposureFlags,
): Promise<void> {
  const [model, second] = models;
  if (!model || second) throw new InputError('glocal eval exposure takes one --model. Run it once for each.');
  const report = await measureExposure(folder, model, finish, onTerminal);
  process.stdout.write(json ? `${JSON.stringify(report, null, 2)}\n` : print(report, worst));
}

const HEAD = ['', 'luminance', 'after', '', 'lightness', 'after', '', 'at 255', 'after', 'at 0', 'after'];

function print(
  { model, adapter, photos, meanChange, medianChange, clippedMore }: ExposureReport,
  worst: number,
): string {
  // Changes from black have no ratio but count as the largest.
  const size = (photo: ExposureChange) =>
    Math.abs(change(photo, 'luminance') ?? (photo.after.luminance > 0 ? Number.MAX_VALUE : 0));
  const byChange = [...photos].sort((a, b) => size(b) - size(a)).slice(0, worst);
  const percent = (share: number) => `${(100 * share).toFixed(1)} %`;
  return [
    `${model} on ${adapter}; below the mean of all, the ${byChange.length} photos that change most`,
    columns([
      HEAD,
      row(`all ${photos.length} photos`, photos),
      ...byChange.map((photo) => row(printableLine(photo.file), [photo])),
    ]),
    `In either direction, luminance changes by ${percent(meanChange.luminance)} on average (half of the photos by less than ` +
      `${percent(medianChange.luminance)}), lightness by ${percent(meanChange.lightness)} ` +
      `(${percent(medianChange.lightness)}).`,
    `${clippedMore.length} of ${photos.length} photos have more values at 0 or 255 than before.`,
    '',
  ].join('\n');
}

/** Means over photos. */
function row(name: string, photos: readonly ExposureChange[]): string[] {
  const numbers = (key: keyof Exposure, show: (value: number) => string) => [
    show(mean(photos.map(({ before }) => before[key]))),
    show(mean(photos.map(({ after }) => after[key]))),
  ];
  const changes = (key: Brightness) => {
    const known = photos.flatMap((photo) => change(photo, key) ?? []);
    if (known.length === 0) return '-';
    const percent = 100 * mean(known);
    return `${percent < 0 ? '' : '+'}${percent.toFixed(1)} %`;
  };
  const share = (value: number) => `${(100 * value).toFixed(3)} %`;
  return [
    name,
    ...numbers('luminance', (value) => value.toFixed(4)),
    changes('luminance'),
    ...numbers('lightness', (value) => value.toFixed(1)),
    changes('lightness'),
    ...numbers('white', share),
    ...numbers('black', share),
  ];
}
