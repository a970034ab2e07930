/**
 * Metadata in JPEG files. Works on bytes, in browsers and Node.
 *
 * Sources: ISO/IEC 10918-1 B.1 (segments), JFIF 1.02, CIPA DC-008 (EXIF 2.32), ICC.1:2022 annex B, XMP specification
 * part 3 (also for packets in two parts); CIPA DC-007 (several pictures); ISO 21496-1 annex C (gain maps).
 */
import { ascii, concatBytes, copyOf, latin1, startsWith, viewOf } from './bytes';
import { iptcFromResources, PHOTOSHOP_PREFIX, resourcesWithIptc } from './iptc';
import type { FoundMetadata, Metadata, Resolution, Tagged } from './metadata';
import { TiffFile } from './tiff-directory';
import { extendedXmpName } from './xmp';

interface Segment {
  readonly marker: number;
  /** Start of the payload. */
  readonly start: number;
  readonly end: number;
}

/** Segments before the first scan. Stray bytes between segments are skipped, as in decoders. */
export function segmentsOf(file: Uint8Array): Segment[] {
  const segments: Segment[] = [];
  const data = viewOf(file);
  for (let at = 2; at + 4 <= file.length; ) {
    const marker = file[at + 1]!;
    if (file[at] !== 0xff || marker === 0xff || marker === 0) {
      at += 1;
      continue;
    }
    if (marker === 0xda || marker === 0xd9) break;
    const hasNoLength = marker === 0x01 || (marker >= 0xd0 && marker <= 0xd8);
    const end = hasNoLength ? at + 2 : at + 2 + data.getUint16(at + 2);
    if (!hasNoLength && end <= file.length) segments.push({ marker, start: at + 4, end });
    at = Math.max(end, at + 2);
  }
  return segments;
}

const EXIF_PREFIX = ascii('Exif\0\0');
const JFIF_PREFIX = ascii('JFIF\0');
const XMP_PREFIX = ascii('http://ns.adobe.com/xap/1.0/\0');
const EXTENDED_PREFIX = ascii('http://ns.adobe.com/xmp/extension/\0');
/** After the prefix: 32 digits of MD5, the total length, and this piece's offset. */
const EXTENDED_HEADER = 32 + 4 + 4;
const ICC_PREFIX = ascii('ICC_PROFILE\0');
/** A segment's 16-bit length counts itself. */
const SEGMENT_LIMIT = 0xffff - 2;
/** A profile is split into pieces, each after the prefix, its number and the number of pieces. */
const ICC_PIECE = SEGMENT_LIMIT - ICC_PREFIX.length - 2;
const ICC_MOST_PIECES = 255;
const EXTENDED_PIECE = SEGMENT_LIMIT - EXTENDED_PREFIX.length - EXTENDED_HEADER;
/** More than any camera writes. */
const EXTENDED_MOST = 64 * 2 ** 20;

export function findInJpeg(file: Uint8Array): Metadata {
  const found: FoundMetadata = {};
  const profile: { readonly number: number; readonly data: Uint8Array }[] = [];
  const resources: Uint8Array[] = [];
  const comments: Uint8Array[] = [];
  const segments = segmentsOf(file);
  for (const { marker, start, end } of segments) {
    const is = (kind: number, prefix: Uint8Array) =>
      marker === kind && end - start >= prefix.length && startsWith(file, prefix, start);
    const rest = (prefix: Uint8Array, more = 0) => copyOf(file, start + prefix.length + more, end);
    const resolution = is(0xe0, JFIF_PREFIX) && jfifResolution(rest(JFIF_PREFIX));
    if (resolution) found.resolution ??= resolution;
    if (is(0xe1, EXIF_PREFIX)) found.exif = joinExif(found.exif, rest(EXIF_PREFIX));
    if (is(0xe1, XMP_PREFIX)) found.xmp ??= rest(XMP_PREFIX);
    if (is(0xe2, ICC_PREFIX))
      profile.push({ number: file[start + ICC_PREFIX.length] ?? 0, data: rest(ICC_PREFIX, 2) });
    if (is(0xed, PHOTOSHOP_PREFIX)) resources.push(rest(PHOTOSHOP_PREFIX));
    if (marker === 0xfe) comments.push(copyOf(file, start, end));
  }
  profile.sort((a, b) => a.number - b.number);
  if (profile.length > 0) found.profile = concatBytes(...profile.map(({ data }) => data));
  const iptc = iptcFromResources(concatBytes(...resources));
  if (iptc) found.iptc = iptc;
  if (comments.length > 0) found.comments = comments;
  const extended = found.xmp && extendedXmp(file, segments, extendedXmpName(found.xmp));
  if (extended) found.extendedXmp = extended;
  return found;
}

/** A block too long for one segment continues in the next; a second block does not belong to the first picture. */
const joinExif = (first: Uint8Array | undefined, next: Uint8Array): Uint8Array =>
  first === undefined ? next : TiffFile.open(next) ? first : concatBytes(first, next);

const ISO_GAIN_MAP = ascii('urn:iso:std:iso:ts:21496:-1\0');

/** Whether the picture has a gain map according to ISO 21496-1. */
export const hasIsoGainMap = (file: Uint8Array): boolean =>
  segmentsOf(file).some(({ marker, start }) => marker === 0xe2 && startsWith(file, ISO_GAIN_MAP, start));

const MPF_PREFIX = ascii('MPF\0');
/** Tag of the entries, 16 bytes each, in the index of a multi-picture file. */
const MPF_ENTRIES = 0xb002;

/** Number of pictures in a file, not counting larger previews of the first. */
export function picturesOfJpeg(file: Uint8Array): number {
  const segment = segmentsOf(file).find(
    ({ marker, start }) => marker === 0xe2 && startsWith(file, MPF_PREFIX, start),
  );
  const tiff = segment && TiffFile.open(file.subarray(segment.start + MPF_PREFIX.length, segment.end));
  const entries = tiff?.entries(tiff.first).find(({ tag }) => tag === MPF_ENTRIES);
  if (!tiff || !entries) return 1;
  const list = tiff.raw(entries);
  let pictures = 0;
  for (let at = 0; at + 16 <= list.length; at += 16) {
    const kind = viewOf(list).getUint32(at, tiff.isLittle) & 0xffffff;
    if (kind >> 16 !== 1) pictures++;
  }
  return Math.max(1, pictures);
}

/** Version, unit, density across and down; without a unit these only give the pixel aspect ratio. */
function jfifResolution(payload: Uint8Array): Resolution | undefined {
  if (payload.length < 7) return undefined;
  const perInch = [0, 1, 2.54][payload[2]!] ?? 0;
  const [x, y] = [viewOf(payload).getUint16(3) * perInch, viewOf(payload).getUint16(5) * perInch];
  return x > 0 && y > 0 ? { x, y } : undefined;
}

/** The second packet, if it is complete. */
function extendedXmp(file: Uint8Array, segments: readonly Segment[], name: string | undefined) {
  let whole: Uint8Array | undefined;
  let filled = 0;
  for (const { marker, start, end } of segments) {
    if (!name || marker !== 0xe1 || !startsWith(file, EXTENDED_PREFIX, start)) continue;
    const header = start + EXTENDED_PREFIX.length;
    if (header + EXTENDED_HEADER > end || latin1(file, header, header + 32) !== name) continue;
    const [length, at] = [viewOf(file).getUint32(header + 32), viewOf(file).getUint32(header + 36)];
    const piece = file.subarray(header + EXTENDED_HEADER, end);
    if (length > EXTENDED_MOST || at + piece.length > length) return undefined;
    whole ??= new Uint8Array(length);
    if (whole.length !== length) return undefined;
    whole.set(piece, at);
    filled += piece.length;
  }
  return whole && filled === whole.length ? whole : undefined;
}

/** Inserts segments after the start marker and the JFIF segment, if there is one. */
export function embedInJpeg(
  file: Uint8Array,
  { exif, profile, xmp, extendedXmp, iptc, resolution, comments = [] }: Metadata,
): Tagged {
  const notes: string[] = [];
  const segments: Uint8Array[] = [];
  const add = (marker: number, payload: Uint8Array, what: string): boolean => {
    const fits = payload.length <= SEGMENT_LIMIT;
    if (fits) segments.push(jpegSegment(marker, payload));
    else notes.push(`${what} is too long for JPEG and is left out`);
    return fits;
  };
  if (exif) add(0xe1, concatBytes(EXIF_PREFIX, exif), 'EXIF');
  if (xmp && add(0xe1, concatBytes(XMP_PREFIX, xmp), 'XMP') && extendedXmp) {
    const name = extendedXmpName(xmp);
    if (name) segments.push(...extendedSegments(name, extendedXmp));
  }
  if (iptc) add(0xed, concatBytes(PHOTOSHOP_PREFIX, resourcesWithIptc(iptc)), 'IPTC');
  if (profile) {
    const pieces = Math.ceil(profile.length / ICC_PIECE);
    if (pieces > ICC_MOST_PIECES) notes.push('the colour profile is too long for JPEG and is left out');
    for (let i = 0; i < pieces && pieces <= ICC_MOST_PIECES; i++) {
      const piece = profile.subarray(i * ICC_PIECE, (i + 1) * ICC_PIECE);
      add(0xe2, concatBytes(ICC_PREFIX, Uint8Array.of(i + 1, pieces), piece), 'the colour profile');
    }
  }
  for (const comment of comments) add(0xfe, comment, 'the comment');
  const at = file[2] === 0xff && file[3] === 0xe0 ? 4 + viewOf(file).getUint16(4) : 2;
  const hasJfif = at > 2 && startsWith(file, JFIF_PREFIX, 6);
  // The JFIF segment must come first.
  if (!hasJfif && resolution) segments.unshift(jpegSegment(0xe0, JFIF_HEADER));
  const bytes = concatBytes(file.subarray(0, at), ...segments, file.subarray(at));
  if (hasJfif || resolution) setJfifResolution(bytes, resolution);
  return { bytes, notes };
}

/** Version 1.02, a placeholder density, no thumbnail. */
const JFIF_HEADER = concatBytes(JFIF_PREFIX, Uint8Array.of(1, 2, 0, 0, 1, 0, 1, 0, 0));

/** Encoders write a density of their own; the standard's value for no resolution is a ratio of 1:1. */
function setJfifResolution(file: Uint8Array, resolution: Resolution | undefined): void {
  const at = 6 + JFIF_PREFIX.length;
  const density = (value: number) => Math.min(0xffff, Math.max(1, Math.round(value)));
  file[at + 2] = resolution ? 1 : 0;
  viewOf(file).setUint16(at + 3, density(resolution?.x ?? 1));
  viewOf(file).setUint16(at + 5, density(resolution?.y ?? 1));
}

function extendedSegments(name: string, packet: Uint8Array): Uint8Array[] {
  const segments: Uint8Array[] = [];
  for (let at = 0; at < packet.length; at += EXTENDED_PIECE) {
    const place = new Uint8Array(8);
    viewOf(place).setUint32(0, packet.length);
    viewOf(place).setUint32(4, at);
    const piece = packet.subarray(at, at + EXTENDED_PIECE);
    segments.push(jpegSegment(0xe1, concatBytes(EXTENDED_PREFIX, ascii(name), place, piece)));
  }
  return segments;
}

function jpegSegment(marker: number, payload: Uint8Array): Uint8Array {
  const header = Uint8Array.of(0xff, marker, 0, 0);
  viewOf(header).setUint16(2, payload.length + 2);
  return concatBytes(header, payload);
}
