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
  /** Mean over photos of |after - before| / before, of the mean luminance. */
  readonly meanChange: number;
  /** Photos with a larger share of values at 255, or at 0, than before. */
  readonly clippedMore: readonly string[];
}

/**
 * Runs a model over photos and says how it changes their brightness and what it clips: one that are well exposed are
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

/** By how much of itself the mean luminance changes; a black photo that stays black does not. */
export function change({ before, after }: ExposureChange): number {
  const difference = after.luminance - before.luminance;
  return difference === 0 ? 0 : difference / before.luminance;
}

function summarise(photos: readonly ExposureChange[], model: string, adapter: string): ExposureReport {
  const clips = ({ before, after }: ExposureChange) =>
    after.white > before.white || after.black > before.black;
  return {
    ...{ model, adapter, photos },
    meanChange: photos.reduce((sum, photo) => sum + Math.abs(change(photo)), 0) / photos.length,
    clippedMore: photos.filter(clips).map(({ file }) => file),
  };
}

function print({ model, adapter, photos, meanChange, clippedMore }: ExposureReport, worst: number): string {
  const mean = (values: readonly number[]) => values.reduce((sum, value) => sum + value, 0) / values.length;
  const of = (name: string, list: readonly ExposureChange[]) => {
    const number = (at: 'before' | 'after', key: keyof Exposure, digits: number, factor = 1) =>
      (factor * mean(list.map((photo) => photo[at][key]))).toFixed(digits);
    const percent = (100 * mean(list.map(change))).toFixed(1);
    return [
      ...[name, number('before', 'luminance', 4), number('after', 'luminance', 4)],
      `${percent.startsWith('-') ? '' : '+'}${percent} %`,
      ...(['white', 'black'] as const).map(
        (end) => `${number('before', end, 3, 100)} -> ${number('after', end, 3, 100)} %`,
      ),
    ];
  };
  const byChange = [...photos].sort((a, b) => Math.abs(change(b)) - Math.abs(change(a)));
  const rows = [
    ['', 'luminance', 'after', 'change', 'values at 255', 'values at 0'],
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
    `Brightness changes by ${(100 * meanChange).toFixed(1)} % on average, up or down.`,
    `${clippedMore.length} of ${photos.length} photos have more values at 0 or 255 than before.`,
    '',
  ].join('\n');
}
