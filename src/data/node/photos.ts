import { readRegularFile } from '../../read-file-node';
import { encodePixmap } from '../photo-file';

/** Photos are reduced to this many pixels a side: more than patches need, yet many fit in memory. */
const LONGEST_SIDE = 1024;

/**
 * A photo of any kind that `glocal enhance` reads, as a pixmap.
 *
 * @throws InputError when it cannot be decoded.
 */
export async function readPhotoAsPixmap(path: string): Promise<Uint8Array> {
  const [{ decodeRgb }, bytes] = await Promise.all([import('../../photo/node/rgb'), readRegularFile(path)]);
  return encodePixmap(await decodeRgb(bytes, 'The photo', { longestSide: LONGEST_SIDE }));
}
