import { join } from 'node:path';
import { InputError } from '../../errors';
import { describe } from '../../gpu/device';
import { openTunedGpu } from '../../kernels/node/tuned';
import { type Exposure, exposureOf } from '../metrics/exposure';
import { readPicture } from './files';
import type { EvaluationListener } from './listener';
import { type ModelChoice, openModel, readModels } from './models';
import { picturesIn } from './pictures';

/** A photo before and after. */
export interface ExposureChange {
  readonly file: string;
  readonly before: Exposure;
  readonly after: Exposure;
}

/** The JSON of `glocal eval exposure --json`. */
export interface ExposureReport {
  readonly model: string;
  readonly adapter: string;
  readonly photos: readonly ExposureChange[];
  /** Mean over photos of |after - before| / before, for mean luminance and mean lightness. */
  readonly meanChange: Readonly<Record<Brightness, number>>;
  readonly medianChange: Readonly<Record<Brightness, number>>;
  /** Photos with a larger share of values at 255, or at 0, than before. */
  readonly clippedMore: readonly string[];
}

/**
 * Runs a model over the photos of a folder and measures changes of brightness and clipping. Unreadable photos are
 * reported and skipped.
 *
 * @throws {InputError} when no photo, or not the model, can be read.
 */
export async function measureExposure(
  folder: string,
  model: ModelChoice,
  finish: boolean,
  { onNotice, onProgress }: EvaluationListener,
): Promise<ExposureReport> {
  const files = await picturesIn(folder);
  const [file] = await readModels([model]);
  const gpu = await openTunedGpu();
  try {
    const pictureModel = await openModel(gpu, file!, finish);
    const photos: ExposureChange[] = [];
    for (const [index, name] of files.entries()) {
      onProgress(index, files.length);
      try {
        const picture = await readPicture(join(folder, name));
        const [enhanced] = await pictureModel.run([picture]);
        photos.push({ file: name, before: exposureOf(picture.data), after: exposureOf(enhanced!.data) });
      } catch (error) {
        if (!(error instanceof InputError)) throw error;
        onNotice(`${name}: left out. ${error.message}`);
      }
    }
    onProgress(files.length, files.length);
    await pictureModel.dispose();
    if (photos.length === 0) throw new InputError(`${folder}: none of its pictures can be read.`);
    return summarise(photos, model.source, describe(gpu.traits));
  } finally {
    gpu.destroy();
  }
}

export type Brightness = 'luminance' | 'lightness';

/** Relative change of a mean; undefined for a black photo. */
export function change({ before, after }: ExposureChange, of: Brightness): number | undefined {
  return before[of] === 0 ? undefined : (after[of] - before[of]) / before[of];
}

export const mean = (values: readonly number[]) =>
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
