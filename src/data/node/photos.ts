import { readFile } from 'node:fs/promises';
import { InputError } from '../../errors';
import { reason } from '../../reason';
import { encodePixmap } from '../photo-file';

/** Sides of photos are reduced to this many pixels: more than patches need, and many fit into memory. */
const LONGEST_SIDE = 1024;

/** Loaded when the first photo is: runs without photos need none. Worker threads can load it once this thread has. */
export const loadSharp = async () => (await import('sharp')).default;

/**
 * A photo (JPEG, PNG, WebP, TIFF), upright, in sRGB, on white where it is transparent, as a pixmap.
 *
 * @throws InputError when it cannot be decoded.
 */
export async function readPhotoAsPixmap(path: string): Promise<Uint8Array> {
  const [sharp, bytes] = await Promise.all([loadSharp(), readFile(path)]);
  try {
    const { data, info } = await sharp(bytes, { failOn: 'error' })
      .autoOrient()
      .flatten({ background: '#fff' })
      .resize(LONGEST_SIDE, LONGEST_SIDE, { fit: 'inside', withoutEnlargement: true })
      .toColourspace('srgb')
      .raw({ depth: 'uchar' })
      .toBuffer({ resolveWithObject: true });
    return encodePixmap({ width: info.width, height: info.height, data });
  } catch (cause) {
    throw new InputError(`Not a photo that can be decoded (${reason(cause)}); use JPEG, PNG, WebP or TIFF`, {
      cause,
    });
  }
}
