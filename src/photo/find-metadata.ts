import { ascii, startsWith } from './bytes';
import { findInGif } from './gif';
import { brandOf, findInHeif } from './isobmff';
import { findInJpeg } from './jpeg';
import type { Metadata } from './metadata';
import { findInPng, isPng } from './png';
import { findInTiff } from './tiff';
import { findInWebp, isWebp } from './webp';

/**
 * Finds the metadata of a photo, so that the enhanced version can keep it: encoders write none. For truncated files
 * and other kinds returns whatever was found; never throws. The caller's bytes are not modified.
 */
export async function findMetadata(file: Uint8Array): Promise<Metadata> {
  if (file[0] === 0xff && file[1] === 0xd8) return findInJpeg(file);
  if (isPng(file)) return findInPng(file);
  if (isWebp(file)) return findInWebp(file);
  if (brandOf(file)) return findInHeif(file);
  if (startsWith(file, ascii('GIF8'))) return findInGif(file);
  return findInTiff(file).metadata;
}
