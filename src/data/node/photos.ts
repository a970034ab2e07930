import { readRegularFile } from '../../read-file-node';
import { encodePixmap } from '../photo-file';

/** Sides of photos are reduced to this many pixels: more than patches need, and many fit into memory. */
const LONGEST_SIDE = 1024;

/** Loaded when the first photo is: runs without photos need none. Worker threads can load it once this thread has. */
export const loadSharp = async () => (await import('sharp')).default;

/**
 * A photo of any kind that `glocal enhance` reads, as a pixmap.
 *
 * @throws InputError when it cannot be decoded.
 */
export async function readPhotoAsPixmap(path: string): Promise<Uint8Array> {
  const [{ decodeRgb }, bytes] = await Promise.all([import('../../photo/node/rgb'), readRegularFile(path)]);
  return encodePixmap(await decodeRgb(bytes, 'The photo', { longestSide: LONGEST_SIDE }));
}
