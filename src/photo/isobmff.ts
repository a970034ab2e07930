/**
 * ISO base media files that hold pictures: AVIF, HEIC, and Canon's raw files.
 *
 * Sources: ISO/IEC 14496-12 4.2 (boxes), ISO/IEC 23008-12 (HEIF), AV1 image file format 1.1.
 */
import { latin1, viewOf } from './bytes';
import type { ColourCodes } from './signalled-colour';

/** The brand a file names first; empty for other files. */
export const brandOf = (file: Uint8Array): string =>
  latin1(file, 4, Math.min(8, file.length)) === 'ftyp' ? latin1(file, 8, Math.min(12, file.length)) : '';

/** Boxes of a level; one of size 0 reaches to the end. */
function* boxes(file: Uint8Array, from: number, to: number) {
  const data = viewOf(file);
  for (let at = from; at + 8 <= to; ) {
    const size = data.getUint32(at);
    const isLong = size === 1 && at + 16 <= to;
    const length = isLong ? Number(data.getBigUint64(at + 8)) : size === 0 ? to - at : size;
    const end = at + length;
    if (length < 8 || end > to) return;
    yield { name: latin1(file, at + 4, at + 8), start: at + (isLong ? 16 : 8), end };
    at = end;
  }
}

function find(file: Uint8Array, path: readonly string[], from: number, to: number) {
  let place: { start: number; end: number } | undefined = { start: from, end: to };
  for (const wanted of path) {
    const inside: { start: number; end: number } = place;
    place = undefined;
    for (const box of boxes(file, inside.start, inside.end)) {
      if (box.name !== wanted) continue;
      // `meta` begins with a version and flags.
      place = { start: wanted === 'meta' ? box.start + 4 : box.start, end: box.end };
      break;
    }
    if (!place) return undefined;
  }
  return place;
}

/** What the first colour information box says by code points, and whether there is a profile too. */
export function colourOfHeif(file: Uint8Array): {
  readonly codes?: ColourCodes;
  readonly hasProfile: boolean;
} {
  const properties = find(file, ['meta', 'iprp', 'ipco'], 0, file.length);
  let codes: ColourCodes | undefined;
  let hasProfile = false;
  if (properties) {
    for (const { name, start, end } of boxes(file, properties.start, properties.end)) {
      if (name !== 'colr' || end - start < 4) continue;
      const kind = latin1(file, start, start + 4);
      if (kind === 'prof' || kind === 'rICC') hasProfile = true;
      if (kind !== 'nclx' || end - start < 11 || codes) continue;
      const data = viewOf(file);
      // Matrix and range tell how to come to RGB, which the decoder does.
      codes = {
        primaries: data.getUint16(start + 4),
        transfer: data.getUint16(start + 6),
        isFullRangeRgb: true,
      };
    }
  }
  return { ...(codes && { codes }), hasProfile };
}
