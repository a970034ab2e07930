/**
 * Carries EXIF data from one picture to another, as bytes. Pure: works in browser and Node.
 *
 * Sources: CIPA DC-008 (EXIF 2.32) for the block, JPEG ISO/IEC 10918-1 B.1 for segments, the PNG
 * specification (third edition, 11.3.5.4 eXIf), and the WebP container specification (VP8X, EXIF).
 */

const ORIENTATION = 0x0112;
const EXIF_DIRECTORY = 0x8769;
const PIXEL_WIDTH = 0xa002;
const PIXEL_HEIGHT = 0xa003;
const SHORT = 3;
const LONG = 4;
const ENTRY_BYTES = 12;

/** A JPEG segment's length, which counts itself, is a 16-bit number. */
const JPEG_SEGMENT_LIMIT = 0xffff - 2;

const ascii = (text: string): Uint8Array => Uint8Array.from(text, (c) => c.charCodeAt(0));
const EXIF_PREFIX = ascii('Exif\0\0');

const startsWith = (bytes: Uint8Array, prefix: Uint8Array, at = 0): boolean =>
  prefix.every((value, i) => bytes[at + i] === value);

function join(...parts: Uint8Array[]): Uint8Array<ArrayBuffer> {
  const whole = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}

const view = (bytes: Uint8Array): DataView => new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);

/**
 * A copy of an EXIF block (with or without its `Exif\0\0` prefix) that fits an upright picture of the given
 * size: orientation 1, pixel dimensions corrected, and the thumbnail unlinked, because it shows the photo as
 * it was before. Undefined when the block is not well formed: then it is better left out.
 */
export function uprightExif(block: Uint8Array, width: number, height: number): Uint8Array | undefined {
  const tiff = block.slice(startsWith(block, EXIF_PREFIX) ? EXIF_PREFIX.length : 0);
  const data = view(tiff);
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

/** Puts a bare EXIF block into an encoded JPEG, PNG or WebP that has none. */
export function embedExif(
  file: Uint8Array,
  format: 'jpeg' | 'png' | 'webp',
  exif: Uint8Array,
  size: { readonly width: number; readonly height: number; readonly hasAlpha: boolean },
): Uint8Array {
  if (format === 'jpeg') return embedInJpeg(file, exif);
  if (format === 'png') return embedInPng(file, exif);
  return embedInWebp(file, exif, size);
}

/** After the start marker and the JFIF segment, if there is one. A block too long for a segment stays out. */
function embedInJpeg(file: Uint8Array, exif: Uint8Array): Uint8Array {
  const payload = join(EXIF_PREFIX, exif);
  if (payload.length > JPEG_SEGMENT_LIMIT) return file;
  const header = new Uint8Array([0xff, 0xe1, 0, 0]);
  view(header).setUint16(2, payload.length + 2);
  const hasJfif = file[2] === 0xff && file[3] === 0xe0;
  const at = hasJfif ? 4 + view(file).getUint16(4) : 2;
  return join(file.subarray(0, at), header, payload, file.subarray(at));
}

/** As a chunk `eXIf` right after the header chunk. */
function embedInPng(file: Uint8Array, exif: Uint8Array): Uint8Array {
  const at = 8 + 4 + 4 + 13 + 4;
  const body = join(ascii('eXIf'), exif);
  const chunk = new Uint8Array(4 + body.length + 4);
  view(chunk).setUint32(0, exif.length);
  chunk.set(body, 4);
  view(chunk).setUint32(4 + body.length, crc32(body));
  return join(file.subarray(0, at), chunk, file.subarray(at));
}

function crc32(bytes: Uint8Array): number {
  let crc = ~0;
  for (const byte of bytes) {
    crc ^= byte;
    for (let bit = 0; bit < 8; bit++) crc = (crc >>> 1) ^ (crc & 1 ? 0xedb88320 : 0);
  }
  return ~crc >>> 0;
}

const WEBP_EXIF_FLAG = 0x08;
const WEBP_ALPHA_FLAG = 0x10;

/** As a chunk `EXIF` at the end, announced in the extended header, which is made if it is not there. */
function embedInWebp(
  file: Uint8Array,
  exif: Uint8Array,
  size: { readonly width: number; readonly height: number; readonly hasAlpha: boolean },
): Uint8Array {
  const isExtended = startsWith(file, ascii('VP8X'), 12);
  const body = file.slice(12);
  if (isExtended) body[8]! |= WEBP_EXIF_FLAG;
  const head = isExtended ? new Uint8Array(0) : extendedHeader(size);
  const chunk = riffChunk('EXIF', exif);
  const riff = new Uint8Array(12);
  riff.set(ascii('RIFF'));
  view(riff).setUint32(4, 4 + head.length + body.length + chunk.length, true);
  riff.set(ascii('WEBP'), 8);
  return join(riff, head, body, chunk);
}

function extendedHeader(size: {
  readonly width: number;
  readonly height: number;
  readonly hasAlpha: boolean;
}) {
  const payload = new Uint8Array(10);
  payload[0] = WEBP_EXIF_FLAG | (size.hasAlpha ? WEBP_ALPHA_FLAG : 0);
  // Both are 24 bits wide; the height overwrites the width's fourth byte, which is zero.
  view(payload).setUint32(4, size.width - 1, true);
  view(payload).setUint16(7, (size.height - 1) & 0xffff, true);
  payload[9] = (size.height - 1) >> 16;
  return riffChunk('VP8X', payload);
}

function riffChunk(name: string, payload: Uint8Array): Uint8Array {
  const chunk = new Uint8Array(8 + payload.length + (payload.length & 1));
  chunk.set(ascii(name));
  view(chunk).setUint32(4, payload.length, true);
  chunk.set(payload, 8);
  return chunk;
}
