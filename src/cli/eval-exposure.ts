import { join } from 'node:path';
import { columns } from '../bench/table';
import { InputError } from '../errors';
import { type Exposure, exposureOf } from '../eval/metrics/exposure';
import { describe } from '../gpu/device';
import { openTunedGpu } from '../graph/node/tuned';
import { readPicture } from './eval-files';
import { type ModelChoice, openModel, readModels } from './eval-models';
import { picturesIn } from './eval-pictures';

export interface ExposureFlags {
  models: readonly ModelChoice[];
  worst: number;
  json?: boolean;
}

/** A photo before and after. */
export interface ExposureChange {
  readonly file: string;
  readonly before: Exposure;
  readonly after: Exposure;
}

/** What `glocal eval exposure --json` prints. */
export interface ExposureReport {
  readonly model: string;
  readonly adapter: string;
  readonly photos: readonly ExposureChange[];
  /** Over photos, of |after - before| / before, of the mean luminance and of the mean lightness. */
  readonly meanChange: Readonly<Record<Brightness, number>>;
  readonly medianChange: Readonly<Record<Brightness, number>>;
  /** Photos with a larger share of values at 255, or at 0, than before. */
  readonly clippedMore: readonly string[];
}

/**
 * Runs a model over photos and says how it changes their brightness and what it clips: those that are well exposed are
 * to stay as they are.
 */
export async function reportExposure(folder: string, { models, worst, json }: ExposureFlags): Promise<void> {
  const [model, second] = models;
  if (!model || second) throw new InputError('glocal eval exposure takes one --model. Run it once for each.');
  const files = await picturesIn(folder);
  const [file] = await readModels([model]);
  const gpu = await openTunedGpu();
  try {
    const pictureModel = await openModel(gpu, file!);
    const photos: ExposureChange[] = [];
    for (const [index, name] of files.entries()) {
      if (process.stderr.isTTY) process.stderr.write(`\r${index + 1}/${files.length} `);
      try {
        const picture = await readPicture(join(folder, name));
        const [enhanced] = await pictureModel.run([picture]);
        photos.push({ file: name, before: exposureOf(picture.data), after: exposureOf(enhanced!.data) });
      } catch (error) {
        if (!(error instanceof InputError)) throw error;
        process.stderr.write(`${name}: left out. ${error.message}\n`);
      }
    }
    if (process.stderr.isTTY) process.stderr.write('\r');
    await pictureModel.dispose();
    if (photos.length === 0) throw new InputError(`${folder}: none of its pictures can be read.`);
    const report = summarise(photos, model.source, describe(gpu.traits));
    process.stdout.write(json ? `${JSON.stringify(report, null, 2)}\n` : print(report, worst));
  } finally {
    gpu.destroy();
  }
}

type Brightness = 'luminance' | 'lightness';

/** By how much of itself a mean changes; undefined for a black photo. */
function change({ before, after }: ExposureChange, of: Brightness): number | undefined {
  return before[of] === 0 ? undefined : (after[of] - before[of]) / before[of];
}

const mean = (values: readonly number[]) =>
  values.reduce((sum, value) => sum + value, 0) / Math.max(1, values.length);

function summarise(photos: readonly ExposureChange[], model: string, adapter: string): ExposureReport {
  const changes = (of: Brightness) =>
    photos.flatMap((photo) => change(photo, of) ?? []).map((share) => Math.abs(share));
  const both = (measure: (values: readonly number[]) => number) => ({
    luminance: measure(changes('luminance')),
    lightness: measure(changes('lightness')),
  });
  const clips = ({ before, after }: ExposureChange) =>
    after.white > before.white || after.black > before.black;
  return {
    ...{ model, adapter, photos },
    meanChange: both(mean),
    medianChange: both(median),
    clippedMore: photos.filter(clips).map(({ file }) => file),
  };
}

function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length / 2;
  return mean(sorted.slice(Math.ceil(middle) - 1, Math.floor(middle) + 1));
}

const HEAD = ['', 'luminance', 'after', '', 'lightness', 'after', '', 'at 255', 'after', 'at 0', 'after'];

function print(
  { model, adapter, photos, meanChange, medianChange, clippedMore }: ExposureReport,
  worst: number,
): string {
  // From black to anything is the largest change there is, though no share says it.
  const size = (photo: ExposureChange) =>
    Math.abs(change(photo, 'luminance') ?? (photo.after.luminance > 0 ? Number.MAX_VALUE : 0));
  const byChange = [...photos].sort((a, b) => size(b) - size(a)).slice(0, worst);
  const percent = (share: number) => `${(100 * share).toFixed(1)} %`;
  return [
    `${model} on ${adapter}; below the mean of all, the ${byChange.length} photos that change most`,
    columns([
      HEAD,
      row(`all ${photos.length} photos`, photos),
      ...byChange.map((photo) => row(photo.file, [photo])),
    ]),
    `Up or down, luminance changes by ${percent(meanChange.luminance)} on average (half of the photos by less than ` +
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
