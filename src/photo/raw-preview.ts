/**
 * Finds the JPEG preview in a camera raw file. Works on bytes, in browsers and Node.
 *
 * Makers keep it in different places (TIFF directories, boxes, headers of their own), but always as one contiguous
 * JPEG. So the file is searched for JPEG markers and the largest picture is used.
 */
import { latin1, viewOf } from './bytes';
import { readImageHeader } from './image-header';
import { boxAt } from './isobmff';
import { tiffOrientation } from './tiff';

interface RawPreview {
  /** A JPEG file. */
  readonly jpeg: Uint8Array;
  readonly width: number;
  readonly height: number;
  /** EXIF orientation from the raw file, 1 to 8: previews often lack their own. */
  readonly orientation: number;
}

/** The most candidates examined; each costs a scan to its end. */
const MOST_CANDIDATES = 64;

/** Undefined if there is none. */
export function rawPreview(file: Uint8Array): RawPreview | undefined {
  let best: { readonly jpeg: Uint8Array; readonly width: number; readonly height: number } | undefined;
  let candidates = 0;
  for (
    let at = file.indexOf(0xff);
    at >= 0 && candidates < MOST_CANDIDATES;
    at = file.indexOf(0xff, at + 1)
  ) {
    if (file[at + 1] !== 0xd8 || file[at + 2] !== 0xff || !BEGINNINGS.includes(file[at + 3]!)) continue;
    candidates++;
    const jpeg = file.subarray(at);
    const { size, complete, end } = readImageHeader(jpeg);
    if (!size || !complete || end === undefined || !isForViewing(jpeg)) continue;
    if (!best || size.width * size.height > best.width * best.height)
      best = { jpeg: jpeg.subarray(0, end), ...size };
    // Thumbnails inside it are smaller.
    at += end - 1;
  }
  return best && { ...best, orientation: orientationOf(file) };
}

/** Valid first segments: tables, frames, application segments and comments. */
const BEGINNINGS: readonly number[] = [0xc0, 0xc1, 0xc2, 0xc4, 0xdb, 0xdd, 0xfe].concat(
  Array.from({ length: 16 }, (_, i) => 0xe0 + i),
);

/** 8 bits, grey or three components, and not lossless, which is for sensor data. */
function isForViewing(jpeg: Uint8Array): boolean {
  const view = viewOf(jpeg);
  for (let at = 2; at + 10 <= jpeg.length && jpeg[at] === 0xff; at += 2 + view.getUint16(at + 2)) {
    const marker = jpeg[at + 1]!;
    if (marker === 0xda) return false;
    if (marker >= 0xc0 && marker <= 0xcf && marker !== 0xc4 && marker !== 0xc8 && marker !== 0xcc)
      return marker <= 0xc2 && jpeg[at + 4] === 8 && [1, 3].includes(jpeg[at + 9]!);
  }
  return false;
}

function orientationOf(file: Uint8Array): number {
  const canon = boxAt(file, ['moov', 'uuid', 'CMT1']);
  if (canon) return tiffOrientation(file.subarray(canon.start, canon.end));
  // Olympus and Panasonic use TIFF directories after their own signatures.
  if (!['IIRO', 'IIRS', 'MMOR', 'IIU\0'].includes(latin1(file, 0, 4))) return tiffOrientation(file);
  const copy = new Uint8Array(file);
  viewOf(copy).setUint16(2, 42, copy[0] === 0x49);
  return tiffOrientation(copy);
}
