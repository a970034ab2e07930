import { join } from 'node:path';
import { writeFileAtomically } from '../../atomic-file-node';
import { InputError } from '../../errors';
import { reason } from '../../reason';
import { niqePatches } from '../metrics/niqe';
import { fitNiqe, SHARPNESS_THRESHOLD, sharpPatches } from '../metrics/niqe-fit';
import { formatNiqeModel } from '../metrics/niqe-model';
import { readPicture } from './files';
import type { EvaluationListener } from './listener';
import { picturesIn } from './pictures';

export interface FitFlags {
  out: string;
  source?: string;
}

/**
 * Fits NIQE's model to a folder of undistorted pictures and writes it.
 *
 * @throws InputError when the folder has no pictures, or too few patches.
 */
export async function fitNiqeToFolder(
  folder: string,
  { out, source }: FitFlags,
  listener: EvaluationListener,
): Promise<void> {
  const { patches, pictures } = await sharpPatchesOf(folder, await picturesIn(folder), listener);
  const about = {
    ...(source !== undefined && { source }),
    pictures,
    patches: patches.length,
    sharpness_threshold: SHARPNESS_THRESHOLD,
  };
  const text = formatNiqeModel(fitNiqe(patches), about);
  try {
    writeFileAtomically(out, text);
  } catch (cause) {
    throw new InputError(`${out} cannot be written: ${reason(cause)}. Choose another place.`, { cause });
  }
  listener.onNotice(`${out}: fitted to ${patches.length} patches of ${pictures} pictures`);
}

/** Unusable pictures are reported and skipped. */
async function sharpPatchesOf(
  folder: string,
  files: readonly string[],
  { onNotice, onProgress }: EvaluationListener,
) {
  const patches: Float64Array[] = [];
  let pictures = 0;
  for (const [index, file] of files.entries()) {
    onProgress(index, files.length);
    try {
      patches.push(...sharpPatches(niqePatches(await readPicture(join(folder, file)))));
      pictures++;
    } catch (error) {
      if (!(error instanceof InputError)) throw error;
      onNotice(`${file}: left out. ${error.message}`);
    }
  }
  onProgress(files.length, files.length);
  return { patches, pictures };
}
