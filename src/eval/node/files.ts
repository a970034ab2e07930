import { basename, dirname, join } from 'node:path';
import defaultNiqeModel from '../../../weights/niqe-pristine.json?raw';
import { decodeHdr, type HdrImage } from '../../data/hdr-file';
import { InputError } from '../../errors';
import { readBytes } from '../../photo/node/photo';
import { decodeRgb } from '../../photo/node/rgb';
import type { RgbImage } from '../image';
import { type BrisqueModel, parseBrisqueModel } from '../metrics/brisque-model';
import type { QualityModels } from '../metrics/measure';
import { parseNiqeModel } from '../metrics/niqe-model';

/** Model files, as given by options. */
export interface ModelFlags {
  niqeModel?: string;
  brisqueModel?: string;
  brisqueRange?: string;
}

/**
 * An 8-bit picture, upright, in sRGB, on white where it is transparent.
 *
 * @throws InputError naming the file if it is not a picture.
 */
export async function readPicture(path: string): Promise<RgbImage> {
  return decodeRgb(await readBytes(path), path);
}

/** @throws InputError naming the file if it is not an HDR picture. */
export async function readHdr(path: string): Promise<HdrImage> {
  const bytes = await readBytes(path);
  try {
    return decodeHdr(bytes);
  } catch (cause) {
    throw cause instanceof InputError ? new InputError(`${path}: ${cause.message}`, { cause }) : cause;
  }
}

/** The models given by options. Without options: NIQE's own model, and no BRISQUE. */
export async function readQualityModels({
  niqeModel,
  brisqueModel,
  brisqueRange,
}: ModelFlags): Promise<QualityModels> {
  if (brisqueRange !== undefined && brisqueModel === undefined) {
    throw new InputError('--brisque-range needs --brisque-model. Name both.');
  }
  const niqe =
    niqeModel === undefined
      ? parseNiqeModel(defaultNiqeModel, 'the NIQE model of this package')
      : parseNiqeModel(await readText(niqeModel), niqeModel);
  if (brisqueModel === undefined) return { niqe };
  return { niqe, brisque: await readBrisqueModel(brisqueModel, brisqueRange ?? rangesBeside(brisqueModel)) };
}

/** @throws InputError naming the file. */
export const readText = async (path: string): Promise<string> =>
  new TextDecoder().decode(await readBytes(path));

async function readBrisqueModel(model: string, ranges: string): Promise<BrisqueModel> {
  const read = async (name: string) => ({ name, text: await readText(name) });
  return parseBrisqueModel(await read(model), await read(ranges));
}

/** The ranges of `allmodel` are in `allrange`; of any other file, in the same name plus `.range`. */
export function rangesBeside(model: string): string {
  const name = basename(model);
  const at = name.lastIndexOf('model');
  if (at < 0) return `${model}.range`;
  return join(dirname(model), `${name.slice(0, at)}range${name.slice(at + 'model'.length)}`);
}
