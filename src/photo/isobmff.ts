/**
 * ISO base media files with pictures: AVIF, HEIC, and Canon's raw files.
 *
 * Sources: ISO/IEC 14496-12 4.2 (boxes), 8.11.3 (iloc), 8.11.6 (iinf); ISO/IEC 23008-12 (HEIF) 6.5.6 and annex A; AV1
 * image file format 1.1.
 */
import { concatBytes, copyOf, latin1, viewOf } from './bytes';
import type { FoundMetadata, Metadata } from './metadata';
import type { ColourCodes } from './signalled-colour';

/** The major brand; empty for other files. */
export const brandOf = (file: Uint8Array): string =>
  latin1(file, 4, Math.min(8, file.length)) === 'ftyp' ? latin1(file, 8, Math.min(12, file.length)) : '';

/** Iterates over the boxes of one level; a box of size 0 extends to the end. */
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

/** Bytes before the child boxes: version and flags, or a UUID. */
const EXTRA_BYTES: Readonly<Record<string, number>> = { meta: 4, uuid: 16 };

/** The range of the content of the first box with this path. */
export const boxAt = (file: Uint8Array, path: readonly string[]) => find(file, path, 0, file.length);

function find(file: Uint8Array, path: readonly string[], from: number, to: number) {
  let place: { start: number; end: number } | undefined = { start: from, end: to };
  for (const wanted of path) {
    const inside: { start: number; end: number } = place;
    place = undefined;
    for (const box of boxes(file, inside.start, inside.end)) {
      if (box.name !== wanted) continue;
      place = { start: box.start + (EXTRA_BYTES[wanted] ?? 0), end: box.end };
      break;
    }
    if (!place) return undefined;
  }
  return place;
}

/** Colour properties of a picture. */
interface HeifColour {
  /** From the first box with code points. */
  readonly codes?: ColourCodes;
  readonly profile?: Uint8Array;
  /** Bits per channel. */
  readonly depth?: number;
}

/** BT.709 and equivalents. Chrome treats them as the sRGB curve in AVIF, but not in PNG. */
const VIDEO_TRANSFERS: readonly number[] = [1, 6, 14, 15];
const SRGB_TRANSFER = 13;

export function colourOfHeif(file: Uint8Array): HeifColour {
  const properties = find(file, ['meta', 'iprp', 'ipco'], 0, file.length);
  const found: { -readonly [K in keyof HeifColour]: HeifColour[K] } = {};
  if (!properties) return found;
  const data = viewOf(file);
  for (const { name, start, end } of boxes(file, properties.start, properties.end)) {
    // After version and flags: the number of channels, and the bits of each.
    if (name === 'pixi' && end - start >= 6) found.depth ??= file[start + 5]!;
    if (name !== 'colr' || end - start < 4) continue;
    const kind = latin1(file, start, start + 4);
    if (kind === 'prof' || kind === 'rICC') found.profile ??= copyOf(file, start + 4, end);
    if (kind !== 'nclx' || end - start < 11 || found.codes) continue;
    const transfer = data.getUint16(start + 6);
    // Matrix and range define the conversion to RGB, which the decoder does.
    found.codes = {
      primaries: data.getUint16(start + 4),
      transfer: VIDEO_TRANSFERS.includes(transfer) ? SRGB_TRANSFER : transfer,
      isFullRangeRgb: true,
    };
  }
  return found;
}

/** The largest size that a picture in the file claims, before rotation; null if there is none. */
export function sizeOfHeif(file: Uint8Array): { readonly width: number; readonly height: number } | null {
  const properties = boxAt(file, ['meta', 'iprp', 'ipco']);
  let largest: { width: number; height: number } | null = null;
  if (!properties) return largest;
  for (const { name, start, end } of boxes(file, properties.start, properties.end)) {
    if (name !== 'ispe' || end - start < 12) continue;
    const [width, height] = [viewOf(file).getUint32(start + 4), viewOf(file).getUint32(start + 8)];
    if (!largest || width * height > largest.width * largest.height) largest = { width, height };
  }
  return largest;
}

/** EXIF and XMP, which are stored as items like the pictures, and the profile. */
export function findInHeif(file: Uint8Array): Metadata {
  const found: FoundMetadata = {};
  const { profile } = colourOfHeif(file);
  if (profile) found.profile = profile;
  const kinds = itemKinds(file);
  for (const [id, kind] of kinds) {
    const isFirst = kind === 'exif' ? !found.exif : !found.xmp;
    const content = isFirst && itemContent(file, id);
    if (!content || content.length < 4) continue;
    if (kind === 'xmp') found.xmp = content;
    else {
      // The first number is the distance from its end to the TIFF header.
      const from = 4 + viewOf(content).getUint32(0);
      if (from < content.length) found.exif = content.slice(from);
    }
  }
  return found;
}

/** Numbers of the items that hold metadata. */
function itemKinds(file: Uint8Array): Map<number, 'exif' | 'xmp'> {
  const kinds = new Map<number, 'exif' | 'xmp'>();
  const infos = find(file, ['meta', 'iinf'], 0, file.length);
  if (!infos || infos.end - infos.start < 8) return kinds;
  const data = viewOf(file);
  const first = infos.start + (file[infos.start] === 0 ? 6 : 8);
  for (const { name, start, end } of boxes(file, first, infos.end)) {
    const version = file[start]!;
    if (name !== 'infe' || version < 2 || end - start < 12) continue;
    const id = version === 2 ? data.getUint16(start + 4) : data.getUint32(start + 4);
    const at = start + (version === 2 ? 8 : 10);
    const type = latin1(file, at, at + 4);
    if (type === 'Exif') kinds.set(id, 'exif');
    if (type === 'mime' && latin1(file, at + 4, end).includes('application/rdf+xml')) kinds.set(id, 'xmp');
  }
  return kinds;
}

/** More extents than any writer splits metadata into. */
const MOST_EXTENTS = 64;

/** The bytes of an item, if they lie within the file. */
function itemContent(file: Uint8Array, wanted: number): Uint8Array<ArrayBuffer> | undefined {
  const box = find(file, ['meta', 'iloc'], 0, file.length);
  if (!box || box.end - box.start < 8) return undefined;
  const fields = new Fields(file, box.start, box.end);
  const version = fields.next(1);
  fields.next(3);
  const sizes = fields.next(2);
  const [offsetSize, lengthSize, baseSize] = [sizes >> 12, (sizes >> 8) & 15, (sizes >> 4) & 15];
  const indexSize = version > 0 ? sizes & 15 : 0;
  const count = fields.next(version < 2 ? 2 : 4);
  for (let i = 0; i < count && !fields.isAtEnd; i++) {
    const id = fields.next(version < 2 ? 2 : 4);
    const construction = version > 0 ? fields.next(2) & 15 : 0;
    fields.next(2);
    const base = fields.next(baseSize);
    const extents = Array.from({ length: Math.min(fields.next(2), MOST_EXTENTS) }, () => {
      fields.next(indexSize);
      return { at: base + fields.next(offsetSize), length: fields.next(lengthSize) };
    });
    if (id !== wanted || construction > 1) continue;
    const within =
      construction === 0 ? { start: 0, end: file.length } : find(file, ['meta', 'idat'], 0, file.length);
    const room = within ? within.end - within.start : 0;
    const total = extents.reduce((sum, { length }) => sum + length, 0);
    if (!within || total > file.length || extents.some(({ at, length }) => at + length > room))
      return undefined;
    return concatBytes(
      ...extents.map(({ at, length }) => file.subarray(within.start + at, within.start + at + length)),
    );
  }
  return undefined;
}

/** Reads consecutive numbers of 0 to 8 bytes; 0 beyond the end. */
class Fields {
  constructor(
    private readonly file: Uint8Array,
    private at: number,
    private readonly end: number,
  ) {}

  get isAtEnd(): boolean {
    return this.at >= this.end;
  }

  next(bytes: number): number {
    let value = 0;
    for (let i = 0; i < bytes; i++) value = 256 * value + (this.isAtEnd ? 0 : this.file[this.at++]!);
    return value;
  }
}
