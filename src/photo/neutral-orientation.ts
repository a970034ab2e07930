import { copyOf, crc32, latin1, viewOf } from './bytes';
import { setExifOrientation } from './exif';
import { segmentsOf } from './jpeg';
import { chunksOf, isPng } from './png';
import { isWebp, webpChunks } from './webp';

/**
 * A copy of a photo whose EXIF orientation is set to upright. Decoders disagree about which files to turn; they all
 * leave this one as stored.
 */
export function withNeutralOrientation(file: Uint8Array): Uint8Array<ArrayBuffer> {
  const copy = copyOf(file);
  for (const { start, end } of exifBlocks(copy)) setExifOrientation(copy.subarray(start, end), 1);
  if (isPng(copy)) {
    for (const { name, start, end } of chunksOf(copy))
      if (name === 'eXIf') viewOf(copy).setUint32(end, crc32(copy.subarray(start - 4, end)));
  }
  return copy;
}

/** Ranges of the EXIF blocks in a file, including prefixes. */
function exifBlocks(file: Uint8Array): { readonly start: number; readonly end: number }[] {
  if (isPng(file)) return chunksOf(file).filter(({ name }) => name === 'eXIf');
  if (isWebp(file)) return [...webpChunks(file)].filter(({ name }) => name === 'EXIF');
  return segmentsOf(file).filter(
    ({ marker, start }) => marker === 0xe1 && latin1(file, start, start + 4) === 'Exif',
  );
}
