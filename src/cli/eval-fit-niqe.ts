import { join } from 'node:path';
import { InputError } from '../errors';
import { niqePatches } from '../eval/metrics/niqe';
import { fitNiqe, SHARPNESS_THRESHOLD, sharpPatches } from '../eval/metrics/niqe-fit';
import { formatNiqeModel } from '../eval/metrics/niqe-model';
import { reason } from '../reason';
import { writeFileAtomically } from '../train/node/atomic-file';
import { readPicture } from './eval-files';
import { picturesIn } from './eval-pictures';

export interface FitFlags {
  out: string;
  source?: string;
}

/**
 * Fits NIQE's model to a folder of undistorted pictures and writes it.
 *
 * @throws InputError when the folder holds no pictures, or too few patches.
 */
export async function fitNiqeToFolder(folder: string, { out, source }: FitFlags): Promise<void> {
  const say = (line: string) => process.stderr.write(`${line}\n`);
  const { patches, pictures } = await sharpPatchesOf(folder, await picturesIn(folder), say);
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
  say(`${out}: fitted to ${patches.length} patches of ${pictures} pictures`);
}

/** Pictures that cannot be used are told and left out. */
async function sharpPatchesOf(folder: string, files: readonly string[], say: (line: string) => void) {
  const patches: Float64Array[] = [];
  let pictures = 0;
  for (const [index, file] of files.entries()) {
    if (process.stderr.isTTY) process.stderr.write(`\r${index + 1}/${files.length} `);
    try {
      patches.push(...sharpPatches(niqePatches(await readPicture(join(folder, file)))));
      pictures++;
    } catch (error) {
      if (!(error instanceof InputError)) throw error;
      say(`${file}: left out. ${error.message}`);
    }
  }
  if (process.stderr.isTTY) process.stderr.write('\r');
  return { patches, pictures };
}
