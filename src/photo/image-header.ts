import { crc32 } from './bytes';

/**
 * What the bytes of a photo say about it before anyone decodes it. Browsers decode a truncated JPEG or PNG
 * without a word and paint the missing part grey or clear, so completeness has to be read from the structure.
 */
export interface ImageHeader {
  /** Media type by content; null when the bytes belong to no known kind of image. */
  readonly type: string | null;
  /** Size as stored (before orientation), where the header tells. */
  readonly size: { readonly width: number; readonly height: number } | null;
  readonly complete: boolean;
}

const UNKNOWN: ImageHeader = { type: null, size: null, complete: true };

/** Reads the signature, size and completeness of an image file. Never throws. */
export function readImageHeader(bytes: Uint8Array<ArrayBuffer>): ImageHeader {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const text = (at: number, length: number) => String.fromCharCode(...bytes.subarray(at, at + length));
  if (bytes[0] === 0xff && bytes[1] === 0xd8 && bytes[2] === 0xff) return readJpeg(bytes, view);
  if (text(0, 8) === '\x89PNG\r\n\x1a\n') return readPng(bytes, view, text);
  if (text(0, 4) === 'RIFF' && text(8, 4) === 'WEBP') return readWebp(bytes, view, text);
  if (text(0, 4) === 'GIF8')
    return { type: 'image/gif', size: gifSize(view), complete: bytes.at(-1) === 0x3b };
  if (text(0, 2) === 'BM') return readBmp(view);
  if (text(4, 4) === 'ftyp') return isoBrand(text(8, 4));
  return UNKNOWN;
}

/** ITU T.81, annex B: marker segments up to a scan, entropy-coded bytes up to the next marker, until EOI. */
function readJpeg(bytes: Uint8Array, view: DataView): ImageHeader {
  let size: ImageHeader['size'] = null;
  let at = 2;
  while (at + 4 <= bytes.length) {
    if (bytes[at] !== 0xff) break;
    const marker = bytes[at + 1]!;
    if (marker === 0xff) {
      at += 1;
      continue;
    }
    if (marker === 0xd9) return { type: 'image/jpeg', size, complete: true };
    const length = view.getUint16(at + 2);
    const isFrame = marker >= 0xc0 && marker <= 0xcf && marker !== 0xc4 && marker !== 0xc8 && marker !== 0xcc;
    if (isFrame && at + 9 <= bytes.length)
      size = { width: view.getUint16(at + 7), height: view.getUint16(at + 5) };
    at += 2 + length;
    if (marker === 0xda) at = skipScan(bytes, at);
  }
  const endsHere = bytes[at] === 0xff && bytes[at + 1] === 0xd9;
  return { type: 'image/jpeg', size, complete: endsHere };
}

/** Index of the next marker that is neither a stuffed zero nor a restart; the length of the file if none. */
function skipScan(bytes: Uint8Array, from: number): number {
  for (
    let at = bytes.indexOf(0xff, from);
    at >= 0 && at + 1 < bytes.length;
    at = bytes.indexOf(0xff, at + 1)
  ) {
    const next = bytes[at + 1]!;
    if (next !== 0 && next !== 0xff && !(next >= 0xd0 && next <= 0xd7)) return at;
  }
  return bytes.length;
}

/** Chunks up to IEND, each with a good checksum: browsers show a damaged IDAT as emptiness. */
function readPng(bytes: Uint8Array, view: DataView, text: (at: number, n: number) => string): ImageHeader {
  const size = bytes.length >= 24 ? { width: view.getUint32(16), height: view.getUint32(20) } : null;
  let at = 8;
  while (at + 12 <= bytes.length) {
    const end = at + 8 + view.getUint32(at);
    if (end + 4 > bytes.length || crc32(bytes.subarray(at + 4, end)) !== view.getUint32(end)) break;
    if (text(at + 4, 4) === 'IEND') return { type: 'image/png', size, complete: true };
    at = end + 4;
  }
  return { type: 'image/png', size, complete: false };
}

function readWebp(bytes: Uint8Array, view: DataView, text: (at: number, n: number) => string): ImageHeader {
  const complete = bytes.length >= view.getUint32(4, true) + 8;
  let size: ImageHeader['size'] = null;
  if (bytes.length >= 30) {
    const kind = text(12, 4);
    if (kind === 'VP8X') {
      size = {
        width: 1 + (view.getUint32(24, true) & 0xffffff),
        height: 1 + (view.getUint32(26, true) >>> 8),
      };
    } else if (kind === 'VP8 ') {
      size = { width: view.getUint16(26, true) & 0x3fff, height: view.getUint16(28, true) & 0x3fff };
    } else if (kind === 'VP8L') {
      const bits = view.getUint32(21, true);
      size = { width: 1 + (bits & 0x3fff), height: 1 + ((bits >>> 14) & 0x3fff) };
    }
  }
  return { type: 'image/webp', size, complete };
}

function gifSize(view: DataView): ImageHeader['size'] {
  return view.byteLength < 10 ? null : { width: view.getUint16(6, true), height: view.getUint16(8, true) };
}

function readBmp(view: DataView): ImageHeader {
  if (view.byteLength < 26) return { type: 'image/bmp', size: null, complete: false };
  const size = { width: Math.abs(view.getInt32(18, true)), height: Math.abs(view.getInt32(22, true)) };
  return { type: 'image/bmp', size, complete: view.byteLength >= view.getUint32(2, true) };
}

/** ISO base media files: the browser's decoder knows them or not, and does report truncation. */
function isoBrand(brand: string): ImageHeader {
  const type = /^(avif|avis)$/.test(brand)
    ? 'image/avif'
    : /^(heic|heix|mif1|msf1)$/.test(brand)
      ? 'image/heic'
      : null;
  return { type, size: null, complete: true };
}
