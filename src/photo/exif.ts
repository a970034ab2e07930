/**
 * Adapts an EXIF block to the picture it goes with. Pure: works in browser and Node.
 *
 * Source: CIPA DC-008 (EXIF 2.32).
 */
import { ascii, startsWith, viewOf } from './bytes';

const ORIENTATION = 0x0112;
const EXIF_DIRECTORY = 0x8769;
const PIXEL_WIDTH = 0xa002;
const PIXEL_HEIGHT = 0xa003;
const SHORT = 3;
const LONG = 4;
const ENTRY_BYTES = 12;

const EXIF_PREFIX = ascii('Exif\0\0');

/**
 * A copy of an EXIF block (with or without its `Exif\0\0` prefix) that fits an upright picture of the given
 * size: orientation 1, pixel dimensions corrected, and the thumbnail unlinked, because it shows the photo as
 * it was before. Undefined when the block is not well formed: then it is better left out.
 */
export function uprightExif(block: Uint8Array, width: number, height: number): Uint8Array | undefined {
  const tiff = block.slice(startsWith(block, EXIF_PREFIX) ? EXIF_PREFIX.length : 0);
  const data = viewOf(tiff);
  try {
    const little = data.getUint16(0) === 0x4949;
    if (!little && data.getUint16(0) !== 0x4d4d) return undefined;
    if (data.getUint16(2, little) !== 42) return undefined;
    const first = data.getUint32(4, little);
    const count = data.getUint16(first, little);
    const exif = entry(data, first, EXIF_DIRECTORY, little);
    setNumber(data, first, ORIENTATION, 1, little);
    if (exif !== undefined) {
      const directory = data.getUint32(exif + 8, little);
      setNumber(data, directory, PIXEL_WIDTH, width, little);
      setNumber(data, directory, PIXEL_HEIGHT, height, little);
    }
    data.setUint32(first + 2 + ENTRY_BYTES * count, 0, little);
  } catch (error) {
    if (error instanceof RangeError) return undefined;
    throw error;
  }
  return tiff;
}

/** Offset of a directory's entry for a tag. */
function entry(data: DataView, directory: number, tag: number, little: boolean): number | undefined {
  const count = data.getUint16(directory, little);
  for (let i = 0; i < count; i++) {
    const at = directory + 2 + ENTRY_BYTES * i;
    if (data.getUint16(at, little) === tag) return at;
  }
  return undefined;
}

function setNumber(data: DataView, directory: number, tag: number, value: number, little: boolean): void {
  const at = entry(data, directory, tag, little);
  if (at === undefined) return;
  const type = data.getUint16(at + 2, little);
  if (type === SHORT) data.setUint16(at + 8, value, little);
  else if (type === LONG) data.setUint32(at + 8, value, little);
}
