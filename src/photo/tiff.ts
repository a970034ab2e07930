/**
 * Directories of TIFF files, and of EXIF blocks, which are TIFF structures too: enough to carry EXIF between a
 * TIFF and other formats. Pure: works in browser and Node.
 *
 * Sources: TIFF 6.0 sections 2 and 8; CIPA DC-008 4.6 (EXIF 2.32); ICC.1:2022 B.4; XMP specification part 3.
 */
import { concatBytes, viewOf } from './bytes';
import type { Metadata, Tagged } from './metadata';

/** Bytes of one value by type: byte, text, short, long, rational, and the signed and floating ones. */
const TYPE_BYTES: readonly (number | undefined)[] = [undefined, 1, 1, 2, 4, 8, 1, 1, 2, 4, 8, 4, 8, 4];
/** Bytes that change places when the byte order changes; a rational is two longs. */
const TYPE_WORDS: readonly (number | undefined)[] = [undefined, 1, 1, 2, 4, 4, 1, 1, 2, 4, 4, 4, 8, 4];

const BYTE = 1;
const LONG = 4;
const UNDEFINED = 7;
const ENTRY_BYTES = 12;
const HEADER_BYTES = 8;

const TAG = { exif: 0x8769, gps: 0x8825, interop: 0xa005, profile: 0x8773, xmp: 0x02bc } as const;

/** Tags whose value is the place of another directory. */
const POINTERS: readonly number[] = [TAG.exif, TAG.gps, TAG.interop];

/**
 * Tags of the first directory that describe the photo, not how its pixels are stored: description, make, model,
 * software, date, artist, copyright, rating, the fields of Windows, EXIF and GPS.
 */
const DESCRIPTIVE: readonly number[] = [
  0x010e,
  0x010f,
  0x0110,
  0x0131,
  0x0132,
  0x013b,
  0x8298,
  0x4746,
  0x4749,
  0x9c9b,
  0x9c9c,
  0x9c9d,
  0x9c9e,
  0x9c9f,
  TAG.exif,
  TAG.gps,
];

interface Entry {
  readonly tag: number;
  readonly type: number;
  readonly count: number;
  /** Little-endian; for a pointer, the directory instead. */
  readonly value: Uint8Array | readonly Entry[];
}

/**
 * The EXIF block that stands for what a TIFF file says about its photo. Undefined when the file is not well
 * formed, is a BigTIFF, or says nothing.
 */
export function exifFromTiff(file: Uint8Array): Uint8Array | undefined {
  const entries = descriptiveEntries(file);
  if (entries.length === 0) return undefined;
  const header = Uint8Array.of(0x49, 0x49, 42, 0, HEADER_BYTES, 0, 0, 0);
  return concatBytes(header, serialise(entries, HEADER_BYTES));
}

/** Appends a first directory that has profile, XMP and EXIF beside what the file's own has. */
export function addToTiff(file: Uint8Array, { exif, profile, xmp }: Metadata): Tagged {
  const added: Entry[] = exif ? descriptiveEntries(exif) : [];
  if (profile) added.push({ tag: TAG.profile, type: UNDEFINED, count: profile.length, value: profile });
  if (xmp) added.push({ tag: TAG.xmp, type: BYTE, count: xmp.length, value: xmp });
  const data = viewOf(file);
  if (data.getUint16(0, true) !== 0x4949 || data.getUint16(2, true) !== 42) {
    return { bytes: file, notes: ['this kind of TIFF gets no profile, EXIF or XMP'] };
  }
  const end = file.length + (file.length & 1);
  const replaced = new Set(added.map(({ tag }) => tag));
  const kept = rawEntries(data, data.getUint32(4, true)).filter(({ tag }) => !replaced.has(tag));
  const bytes = concatBytes(file, new Uint8Array(end - file.length), serialise(added, end, kept));
  viewOf(bytes).setUint32(4, end, true);
  return { bytes, notes: [] };
}

function descriptiveEntries(block: Uint8Array): Entry[] {
  try {
    const data = viewOf(block);
    const little = data.getUint16(0) === 0x4949;
    if ((!little && data.getUint16(0) !== 0x4d4d) || data.getUint16(2, little) !== 42) return [];
    const entries = readDirectory(block, data.getUint32(4, little), little, 0);
    return entries.filter(({ tag }) => DESCRIPTIVE.includes(tag));
  } catch (error) {
    if (error instanceof RangeError) return [];
    throw error;
  }
}

/** EXIF nests no deeper: first directory, EXIF, interoperability. */
const MAX_DEPTH = 2;

function readDirectory(block: Uint8Array, at: number, little: boolean, depth: number): Entry[] {
  const data = viewOf(block);
  const count = data.getUint16(at, little);
  const entries: Entry[] = [];
  for (let i = 0; i < count; i++) {
    const place = at + 2 + ENTRY_BYTES * i;
    const tag = data.getUint16(place, little);
    const type = data.getUint16(place + 2, little);
    const values = data.getUint32(place + 4, little);
    const bytes = (TYPE_BYTES[type] ?? 0) * values;
    if (bytes === 0) continue;
    if (POINTERS.includes(tag)) {
      if (depth === MAX_DEPTH) continue;
      const value = readDirectory(block, data.getUint32(place + 8, little), little, depth + 1);
      entries.push({ tag, type: LONG, count: 1, value });
    } else {
      const from = bytes <= 4 ? place + 8 : data.getUint32(place + 8, little);
      if (from + bytes > block.length) throw new RangeError('a value beyond the end');
      const value = block.slice(from, from + bytes);
      if (!little) swap(value, TYPE_WORDS[type]!);
      entries.push({ tag, type, count: values, value });
    }
  }
  return entries;
}

function swap(bytes: Uint8Array, word: number): void {
  for (let at = 0; at < bytes.length; at += word) bytes.subarray(at, at + word).reverse();
}

interface RawEntry {
  readonly tag: number;
  /** The 12 bytes as they stand, little-endian. */
  readonly bytes: Uint8Array;
}

function rawEntries(data: DataView, at: number): RawEntry[] {
  return Array.from({ length: data.getUint16(at, true) }, (_, i) => {
    const place = at + 2 + ENTRY_BYTES * i;
    const bytes = new Uint8Array(data.buffer, data.byteOffset + place, ENTRY_BYTES);
    return { tag: data.getUint16(place, true), bytes };
  });
}

/**
 * A directory to be put at `base`, with what does not fit into its entries behind it. Little-endian.
 *
 * @param raw entries to be taken over as they stand: their values lie elsewhere in the file.
 */
function serialise(entries: readonly Entry[], base: number, raw: readonly RawEntry[] = []): Uint8Array {
  const tableBytes = 2 + ENTRY_BYTES * (entries.length + raw.length) + 4;
  const behind: Uint8Array[] = [];
  let next = base + tableBytes;
  const put = (bytes: Uint8Array): number => {
    const place = next;
    behind.push(bytes, new Uint8Array(bytes.length & 1));
    next += bytes.length + (bytes.length & 1);
    return place;
  };
  const written = entries.map(({ tag, type, count, value }): RawEntry => {
    const bytes = new Uint8Array(ENTRY_BYTES);
    const view = viewOf(bytes);
    view.setUint16(0, tag, true);
    view.setUint16(2, type, true);
    view.setUint32(4, count, true);
    if (!(value instanceof Uint8Array)) view.setUint32(8, put(serialise(value, next)), true);
    else if (value.length <= 4) bytes.set(value, 8);
    else view.setUint32(8, put(value), true);
    return { tag, bytes };
  });
  const table = new Uint8Array(tableBytes);
  viewOf(table).setUint16(0, entries.length + raw.length, true);
  const sorted = [...written, ...raw].sort((a, b) => a.tag - b.tag);
  sorted.forEach(({ bytes }, i) => {
    table.set(bytes, 2 + ENTRY_BYTES * i);
  });
  return concatBytes(table, ...behind);
}
