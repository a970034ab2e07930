import { join } from 'node:path';
import { InputError } from '../errors';
import { type Exposure, exposureOf } from '../eval/metrics/exposure';
import { describe } from '../gpu/device';
import { openTunedGpu } from '../graph/node/tuned';
import { readPicture } from './eval-files';
import { type ModelChoice, openModel, readModels } from './eval-models';
import { picturesIn } from './eval-pictures';

export interface ExposureFlags {
  model: ModelChoice;
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
  /** Means over photos of |after - before| / before, of the mean luminance and of the mean lightness. */
  readonly meanChange: { readonly luminance: number; readonly lightness: number };
  /** Photos with a larger share of values at 255, or at 0, than before. */
  readonly clippedMore: readonly string[];
}

/**
 * Runs a model over photos and says how it changes their brightness and what it clips: those that are well exposed are
 * to stay as they are.
 */
export async function reportExposure(folder: string, { model, worst, json }: ExposureFlags): Promise<void> {
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

/** By how much of itself a mean changes; that of a black photo that stays black does not. */
function change({ before, after }: ExposureChange, of: Brightness): number {
  const difference = after[of] - before[of];
  return difference === 0 ? 0 : difference / before[of];
}

function summarise(photos: readonly ExposureChange[], model: string, adapter: string): ExposureReport {
  const mean = (of: Brightness) =>
    photos.reduce((sum, photo) => sum + Math.abs(change(photo, of)), 0) / photos.length;
  const clips = ({ before, after }: ExposureChange) =>
    after.white > before.white || after.black > before.black;
  return {
    ...{ model, adapter, photos },
    meanChange: { luminance: mean('luminance'), lightness: mean('lightness') },
    clippedMore: photos.filter(clips).map(({ file }) => file),
  };
}

function print({ model, adapter, photos, meanChange, clippedMore }: ExposureReport, worst: number): string {
  const mean = (values: readonly number[]) => values.reduce((sum, value) => sum + value, 0) / values.length;
  const of = (name: string, list: readonly ExposureChange[]) => {
    const number = (at: 'before' | 'after', key: keyof Exposure, digits: number, factor = 1) =>
      (factor * mean(list.map((photo) => photo[at][key]))).toFixed(digits);
    return [
      name,
      ...(['luminance', 'lightness'] as const).flatMap((key) => {
        const digits = key === 'luminance' ? 4 : 1;
        const percent = (100 * mean(list.map((photo) => change(photo, key)))).toFixed(1);
        const signed = `${percent.startsWith('-') ? '' : '+'}${percent} %`;
        return [number('before', key, digits), number('after', key, digits), signed];
      }),
      ...(['white', 'black'] as const).map(
        (end) => `${number('before', end, 3, 100)} -> ${number('after', end, 3, 100)} %`,
      ),
    ];
  };
  const size = (photo: ExposureChange) => Math.abs(change(photo, 'luminance'));
  const byChange = [...photos].sort((a, b) => size(b) - size(a));
  const rows = [
    ['', 'luminance', 'after', 'change', 'lightness', 'after', 'change', 'values at 255', 'values at 0'],
    of(`all ${photos.length} photos`, photos),
    ...byChange.slice(0, worst).map((photo) => of(photo.file, [photo])),
  ];
  const widths = rows[0]!.map((_, column) => Math.max(...rows.map((row) => row[column]!.length)));
  const lines = rows.map((row) =>
    row
      .map((cell, k) => cell.padEnd(widths[k]!))
      .join('  ')
      .trimEnd(),
  );
  return [
    `${model} on ${adapter}; the ${Math.min(worst, photos.length)} photos that change most below all`,
    ...lines,
    `Up or down, luminance changes by ${(100 * meanChange.luminance).toFixed(1)} % on average, ` +
      `lightness by ${(100 * meanChange.lightness).toFixed(1)} %.`,
    `${clippedMore.length} of ${photos.length} photos have more values at 0 or 255 than before.`,
    '',
  ].join('\n');
}
