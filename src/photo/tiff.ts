/**
 * Metadata and picture formats in TIFF files, and the conversion of EXIF blocks (also TIFF structures) between TIFF
 * and other formats. Works on bytes, in browsers and Node.
 *
 * Sources: TIFF 6.0 sections 8 and 23; TIFF technical notes (Adobe, 1995 and 2002); CIPA DC-008 4.6 (EXIF 2.32);
 * ICC.1:2022 B.4; XMP specification part 3; DNG 1.7.
 */
import { ascii, concatBytes, startsWith, viewOf } from './bytes';
import { iptcFromResources } from './iptc';
import type { FoundMetadata, Metadata, Resolution, Tagged } from './metadata';
import { type TiffEntry, TiffFile } from './tiff-directory';

const BYTE = 1;
const SHORT = 3;
const LONG = 4;
const RATIONAL = 5;
const UNDEFINED = 7;
const ENTRY_BYTES = 12;
const HEADER_BYTES = 8;

const TAG = {
  subfile: 0x00fe,
  width: 0x0100,
  height: 0x0101,
  bits: 0x0102,
  compression: 0x0103,
  photometric: 0x0106,
  orientation: 0x0112,
  samples: 0x0115,
  xResolution: 0x011a,
  yResolution: 0x011b,
  resolutionUnit: 0x0128,
  subDirectories: 0x014a,
  extraSamples: 0x0152,
  sampleFormat: 0x0153,
  xmp: 0x02bc,
  iptc: 0x83bb,
  photoshop: 0x8649,
  exif: 0x8769,
  profile: 0x8773,
  gps: 0x8825,
  makerNote: 0x927c,
  interop: 0xa005,
  dngVersion: 0xc612,
} as const;

/** Tags whose value is the offset of another directory. */
const POINTERS: readonly number[] = [TAG.exif, TAG.gps, TAG.interop];

/**
 * Tags of the first directory that describe the photo rather than its storage: document name, description, make,
 * model, software, date, artist, host computer, copyright, rating, Windows fields, EXIF and GPS.
 */
const DESCRIPTIVE: readonly number[] = [
  ...[0x010d, 0x010e, 0x010f, 0x0110, 0x0131, 0x0132, 0x013b, 0x013c, 0x8298, 0x4746, 0x4749],
  ...[0x9c9b, 0x9c9c, 0x9c9d, 0x9c9e, 0x9c9f],
  ...[TAG.exif, TAG.gps],
];

/**
 * Maker notes whose offsets are relative to the note itself, so that they survive being moved. Others are relative to
 * the file.
 */
const MOVABLE_NOTES: readonly Uint8Array[] = [
  ascii('Nikon\0\x02'),
  ascii('Apple iOS\0'),
  ascii('FUJIFILM'),
  ascii('OLYMPUS\0'),
  ascii('OM SYSTEM'),
  ascii('PENTAX \0'),
  ascii('HDRP'),
];

interface Entry {
  readonly tag: number;
  readonly type: number;
  readonly count: number;
  /** Little-endian; for a pointer, the directory itself. */
  readonly value: Uint8Array | readonly Entry[];
}

/** A directory to be rebuilt. */
interface Described {
  readonly entries: readonly Entry[];
  /** A maker note was dropped because its offsets would have become invalid. */
  readonly lacksMakerNote: boolean;
}

export const MAKER_NOTE_LOST = 'MakerNotes are left out: their offsets would be wrong in the rebuilt file';

/** How the pixels of a TIFF are stored. */
export interface TiffPixels {
  readonly width: number;
  readonly height: number;
  /** Bits per sample, nearly always equal within a picture. */
  readonly bits: readonly number[];
  /** 1 unsigned, 2 signed, 3 floating point, 4 undefined; 5 and 6 complex. */
  readonly sampleFormat: number;
  readonly photometric: number;
  readonly compression: number;
  readonly samples: number;
  /** The meaning of each sample beyond the colours: 1 and 2 are alpha. */
  readonly extraSamples: readonly number[];
  readonly pages: number;
  /** Sensor data; this directory holds at most a small picture. */
  readonly isRaw: boolean;
  /** Offset of the photometric interpretation; undefined if absent. */
  readonly photometricAt: number | undefined;
}

/** Colour filter array, linear raw. */
const SENSOR_DATA = [32803, 34892];

/** From the first directory; undefined if the file is not a TIFF. */
export function tiffPixels(file: Uint8Array): TiffPixels | undefined {
  const tiff = TiffFile.open(file);
  if (!tiff) return undefined;
  const entries = tiff.entries(tiff.first);
  const entry = (tag: number) => entries.find((one) => one.tag === tag);
  const numbers = (tag: number) => {
    const found = entry(tag);
    return found ? tiff.numbers(found) : [];
  };
  const isReduced = ((numbers(TAG.subfile)[0] ?? 0) & 1) === 1;
  return {
    width: numbers(TAG.width)[0] ?? 0,
    height: numbers(TAG.height)[0] ?? 0,
    bits: numbers(TAG.bits),
    sampleFormat: numbers(TAG.sampleFormat)[0] ?? 1,
    photometric: numbers(TAG.photometric)[0] ?? 1,
    compression: numbers(TAG.compression)[0] ?? 1,
    samples: numbers(TAG.samples)[0] ?? 1,
    extraSamples: numbers(TAG.extraSamples),
    pages: pagesOf(tiff),
    isRaw:
      entry(TAG.dngVersion) !== undefined ||
      (isReduced && entry(TAG.subDirectories) !== undefined) ||
      SENSOR_DATA.includes(numbers(TAG.photometric)[0] ?? 1),
    photometricAt: entry(TAG.photometric)?.at,
  };
}

/** Counted up to a limit, since a file may link directories in a circle. */
function pagesOf(tiff: TiffFile): number {
  const seen = new Set<number>();
  for (let at = tiff.first; at > 0 && !seen.has(at) && seen.size < 1000; at = tiff.next(at)) {
    if (tiff.entries(at).length === 0) break;
    seen.add(at);
  }
  return Math.max(1, seen.size);
}

/** 1 to 8; 1 if the file has none. */
export function tiffOrientation(file: Uint8Array): number {
  const tiff = TiffFile.open(file);
  const entry = tiff?.entries(tiff.first).find(({ tag }) => tag === TAG.orientation);
  const value = entry ? (tiff!.numbers(entry, 1)[0] ?? 1) : 1;
  return value >= 1 && value <= 8 ? value : 1;
}

/** Also says whether a maker note was left out. */
export function findInTiff(file: Uint8Array): {
  readonly metadata: Metadata;
  readonly lacksMakerNote: boolean;
} {
  const tiff = TiffFile.open(file);
  if (!tiff) return { metadata: {}, lacksMakerNote: false };
  const found: FoundMetadata = {};
  const entries = tiff.entries(tiff.first);
  for (const entry of entries) {
    if (entry.tag === TAG.xmp) found.xmp = tiff.raw(entry);
    if (entry.tag === TAG.profile) found.profile = tiff.raw(entry);
    // Some writers declare longs, but the value is bytes.
    if (entry.tag === TAG.iptc) found.iptc = tiff.raw(entry);
  }
  const photoshop = entries.find(({ tag }) => tag === TAG.photoshop);
  const iptc = !found.iptc && photoshop && iptcFromResources(tiff.raw(photoshop));
  if (iptc) found.iptc = iptc;
  const resolution = resolutionOf(tiff, entries);
  if (resolution) found.resolution = resolution;
  const described = describe(tiff);
  if (described.entries.length > 0) found.exif = exifBlock(described.entries);
  return { metadata: found, lacksMakerNote: described.lacksMakerNote };
}

function resolutionOf(tiff: TiffFile, entries: readonly TiffEntry[]): Resolution | undefined {
  const number = (wanted: number) => {
    const entry = entries.find(({ tag }) => tag === wanted);
    return entry && tiff.numbers(entry, 1)[0];
  };
  const perInch = [0, 0, 1, 2.54][number(TAG.resolutionUnit) ?? 2] ?? 0;
  const [x, y] = [perInch * (number(TAG.xResolution) ?? 0), perInch * (number(TAG.yResolution) ?? 0)];
  return x > 0 && y > 0 && Number.isFinite(x + y) ? { x, y } : undefined;
}

/** The resolution in an EXIF block without its prefix. Undefined if there is none. */
export function resolutionOfExif(block: Uint8Array): Resolution | undefined {
  const tiff = TiffFile.open(block);
  return tiff && resolutionOf(tiff, tiff.entries(tiff.first));
}

/** An EXIF block with the descriptive metadata of a TIFF file. Undefined if there is none. */
export const exifFromTiff = (file: Uint8Array): Uint8Array | undefined => findInTiff(file).metadata.exif;

function exifBlock(entries: readonly Entry[]): Uint8Array {
  const header = Uint8Array.of(0x49, 0x49, 42, 0, HEADER_BYTES, 0, 0, 0);
  return concatBytes(header, serialise(entries, HEADER_BYTES));
}

/** An EXIF block with only the resolution, for formats that cannot store it otherwise. */
export const exifWithResolution = (resolution: Resolution): Uint8Array =>
  exifBlock(resolutionEntries(resolution));

/** Appends a new first directory with the given metadata plus the file's own entries. */
export function addToTiff(file: Uint8Array, { exif, profile, xmp, iptc, resolution }: Metadata): Tagged {
  const block = exif && TiffFile.open(exif);
  const described = block ? describe(block) : { entries: [], lacksMakerNote: false };
  const added: Entry[] = [...described.entries];
  if (profile) added.push({ tag: TAG.profile, type: UNDEFINED, count: profile.length, value: profile });
  if (xmp) added.push({ tag: TAG.xmp, type: BYTE, count: xmp.length, value: xmp });
  if (iptc) added.push({ tag: TAG.iptc, type: UNDEFINED, count: iptc.length, value: iptc });
  if (resolution) added.push(...resolutionEntries(resolution));
  const data = viewOf(file);
  if (data.getUint16(0, true) !== 0x4949 || data.getUint16(2, true) !== 42) {
    return { bytes: file, notes: ['this kind of TIFF gets no metadata'] };
  }
  const end = file.length + (file.length & 1);
  // Encoders invent a resolution.
  const replaced = new Set<number>([TAG.xResolution, TAG.yResolution, TAG.resolutionUnit]);
  for (const { tag } of added) replaced.add(tag);
  const kept = rawEntries(data, data.getUint32(4, true)).filter(({ tag }) => !replaced.has(tag));
  const bytes = concatBytes(file, new Uint8Array(end - file.length), serialise(added, end, kept));
  viewOf(bytes).setUint32(4, end, true);
  return { bytes, notes: described.lacksMakerNote ? [MAKER_NOTE_LOST] : [] };
}

function resolutionEntries({ x, y }: Resolution): Entry[] {
  const rational = (dots: number) => {
    const value = new Uint8Array(8);
    viewOf(value).setUint32(0, Math.round(1000 * dots), true);
    viewOf(value).setUint32(4, 1000, true);
    return value;
  };
  return [
    { tag: TAG.xResolution, type: RATIONAL, count: 1, value: rational(x) },
    { tag: TAG.yResolution, type: RATIONAL, count: 1, value: rational(y) },
    { tag: TAG.resolutionUnit, type: SHORT, count: 1, value: Uint8Array.of(2, 0) },
  ];
}

/** First, EXIF, GPS and interoperability directories, with room for unusual writers. */
const MOST_DIRECTORIES = 16;

/** The descriptive entries of the first directory, and the directories below it. */
function describe(tiff: TiffFile): Described {
  let lacksMakerNote = false;
  const seen = new Set<number>();
  const read = (directory: number, depth: number): Entry[] => {
    // Circular or overlapping directories would multiply a small file.
    if (seen.has(directory) || seen.size === MOST_DIRECTORIES) return [];
    seen.add(directory);
    return tiff.entries(directory).flatMap((entry): Entry[] => {
      const { tag, type, count } = entry;
      if (depth === 0 && !DESCRIPTIVE.includes(tag)) return [];
      // EXIF nests no deeper than first directory, EXIF, interoperability.
      if (POINTERS.includes(tag)) {
        const value = depth < 2 ? read(tiff.numbers(entry, 1)[0] ?? 0, depth + 1) : [];
        return value.length > 0 ? [{ tag, type: LONG, count: 1, value }] : [];
      }
      // EXIF has no types for BigTIFF's longer integers; none of its tags needs them.
      if (type > 13) return [];
      const value = tag === TAG.makerNote ? tiff.raw(entry) : tiff.littleEndian(entry);
      if (value.length === 0) return [];
      if (tag !== TAG.makerNote || MOVABLE_NOTES.some((start) => startsWith(value, start)))
        return [{ tag, type, count, value }];
      lacksMakerNote = true;
      return [];
    });
  };
  return { entries: read(tiff.first, 0), lacksMakerNote };
}

interface RawEntry {
  readonly tag: number;
  /** The 12 bytes of an entry, little-endian. */
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
 * Serialises a directory for offset `base`, followed by the values that do not fit into its entries. Little-endian.
 *
 * @param raw entries to copy unchanged; their values are elsewhere in the file.
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
