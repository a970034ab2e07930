import { readRegularFile } from '../../read-file-node';
import { encodePixmap } from '../photo-file';

/**
 * Photos are reduced to this longest side in pixels: more than patches need, yet small enough to keep many in memory.
 */
const LONGEST_SIDE = 1024;

/**
 * A photo in any format that `glocal enhance` reads, as a pixmap.
 *
 * @throws InputError when it cannot be decoded.
 */
export async function readPhotoAsPixmap(path: string): Promise<Uint8Array> {
  const [{ decodeRgb }, bytes] = await Promise.all([import('../../photo/node/rgb'), readRegularFile(path)]);
  return encodePixmap(await decodeRgb(bytes, 'The photo', { longestSide: LONGEST_SIDE }));
}
