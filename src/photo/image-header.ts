import { ascii, concatBytes, inflatesWhole, latin1, startsWith, viewOf } from './bytes';
import { brandOf, sizeOfHeif } from './isobmff';
import { endOfPixels } from './jpeg-scan';
import { chunksOf, isPng, isSound } from './png';
import { tiffPixels } from './tiff';
import { isWebp, isWholeWebp } from './webp';

/**
 * Facts about a photo from its bytes, before decoding. Browsers silently decode a truncated JPEG or PNG and leave the
 * missing part grey or transparent, so completeness has to be checked in the file's structure.
 */
export interface ImageHeader {
  /** Media type by content; `image/x-raw` for camera raw files; null for unknown content. */
  readonly type: string | null;
  /** Size as stored (before orientation), if the header has it. */
  readonly size: { readonly width: number; readonly height: number } | null;
  readonly complete: boolean;
  /** Where the picture of a complete JPEG ends; other data may follow. */
  readonly end?: number;
  /** All pixels are there, without the end mark. */
  readonly lacksEndMark?: true;
}

const UNKNOWN: ImageHeader = { type: null, size: null, complete: true };

/** Reads the signature, size and completeness of an image file. Never throws. */
export function readImageHeader(bytes: Uint8Array): ImageHeader {
  const view = viewOf(bytes);
  const has = (text: string, at = 0) => startsWith(bytes, ascii(text), at);
  if (bytes[0] === 0xff && bytes[1] === 0xd8 && bytes[2] === 0xff) return readJpeg(bytes, view);
  if (isPng(bytes)) return readPng(bytes, view);
  if (isWebp(bytes)) return readWebp(bytes, view);
  if (has('GIF8')) return { type: 'image/gif', size: gifSize(view), complete: hasGifFrame(bytes) };
  if (has('BM')) return readBmp(view);
  if (brandOf(bytes)) return isoBrand(bytes, brandOf(bytes));
  if (isRawSignature(bytes)) return { ...UNKNOWN, type: 'image/x-raw' };
  const tiff = tiffPixels(bytes);
  if (!tiff) return UNKNOWN;
  const { width, height, isRaw } = tiff;
  const size = width > 0 && height > 0 ? { width, height } : null;
  return { type: isRaw ? 'image/x-raw' : 'image/tiff', size, complete: true };
}

/**
 * Whether all pixels of a photo are there, according to its header. A PNG that lacks only its end mark counts as
 * complete if its pixels unpack to the end.
 */
export async function isComplete(bytes: Uint8Array, header: ImageHeader): Promise<boolean> {
  if (header.complete || header.type !== 'image/png') return header.complete;
  const chunks = chunksOf(bytes);
  if (
    chunks.at(-1)?.name === 'IEND' ||
    chunks.some((chunk) => isPixels(chunk.name) && !isSound(bytes, chunk))
  )
    return false;
  const pixels = chunks
    .filter(({ name }) => isPixels(name))
    .map(({ start, end }) => bytes.subarray(start, end));
  return pixels.length > 0 && inflatesWhole(concatBytes(...pixels));
}

/** The bytes for a decoder, which may refuse a JPEG without its end mark. */
export const withEndMark = (bytes: Uint8Array, { end, lacksEndMark }: ImageHeader): Uint8Array =>
  lacksEndMark ? concatBytes(bytes.subarray(0, end), Uint8Array.of(0xff, 0xd9)) : bytes;

const isPixels = (name: string): boolean => name === 'IDAT';

/** Raw files that are not TIFF, or only nearly: Fujifilm, Olympus, Panasonic, Canon, Sigma, Minolta. */
function isRawSignature(bytes: Uint8Array): boolean {
  const signatures = ['FUJIFILMCCD-RAW', 'IIRO', 'IIRS', 'MMOR', 'IIU\0', 'FOVb', '\0MRM'];
  const isCanon =
    startsWith(bytes, ascii('II')) &&
    ['HEAPCCDR', 'CR\x02\0'].some((mark) => startsWith(bytes, ascii(mark), mark === 'HEAPCCDR' ? 6 : 8));
  return isCanon || signatures.some((mark) => startsWith(bytes, ascii(mark)));
}

/** ITU T.81, annex B: marker segments up to a scan, entropy-coded bytes up to the next marker, until EOI. */
function readJpeg(bytes: Uint8Array, view: DataView): ImageHeader {
  let size: ImageHeader['size'] = null;
  let at = 2;
  while (at + 1 < bytes.length) {
    const marker = bytes[at + 1]!;
    // Stray bytes between segments, which decoders skip, and fill bytes.
    if (bytes[at] !== 0xff || marker === 0xff || marker === 0) {
      at += 1;
      continue;
    }
    if (marker === 0xd9) return { type: 'image/jpeg', size, complete: true, end: at + 2 };
    if (marker === 0x01 || (marker >= 0xd0 && marker <= 0xd8)) {
      at += 2;
      continue;
    }
    if (at + 4 > bytes.length) break;
    const length = view.getUint16(at + 2);
    const isFrame = marker >= 0xc0 && marker <= 0xcf && marker !== 0xc4 && marker !== 0xc8 && marker !== 0xcc;
    if (isFrame && at + 9 <= bytes.length)
      size = { width: view.getUint16(at + 7), height: view.getUint16(at + 5) };
    at += 2 + length;
    if (marker === 0xda) at = skipScan(bytes, at);
  }
  const end = endOfPixels(bytes);
  if (end === undefined) return { type: 'image/jpeg', size, complete: false };
  return { type: 'image/jpeg', size, complete: true, end, lacksEndMark: true };
}

/** Index of the next marker that is neither a stuffed zero nor a restart, or the file's length. */
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

/**
 * Chunks up to IEND; those needed for pixels must have a valid checksum, since browsers show a damaged IDAT as blank.
 * Damaged chunks that pixels do not need are ignored, as in decoders.
 */
function readPng(bytes: Uint8Array, view: DataView): ImageHeader {
  const size = bytes.length >= 24 ? { width: view.getUint32(16), height: view.getUint32(20) } : null;
  const chunks = chunksOf(bytes);
  // Capital letters mark critical chunks.
  const isBroken = chunks.some((chunk) => /^[A-Z]/.test(chunk.name) && !isSound(bytes, chunk));
  return { type: 'image/png', size, complete: !isBroken && chunks.at(-1)?.name === 'IEND' };
}

function readWebp(bytes: Uint8Array, view: DataView): ImageHeader {
  let size: ImageHeader['size'] = null;
  if (bytes.length >= 30) {
    const kind = latin1(bytes, 12, 16);
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
  return { type: 'image/webp', size, complete: isWholeWebp(bytes) };
}

function gifSize(view: DataView): ImageHeader['size'] {
  return view.byteLength < 10 ? null : { width: view.getUint16(6, true), height: view.getUint16(8, true) };
}

/** Whether the first picture of a GIF is complete. The trailer may be missing, or followed by zeros. */
function hasGifFrame(bytes: Uint8Array): boolean {
  const table = (flags: number) => (flags & 0x80 ? 3 << ((flags & 7) + 1) : 0);
  /** The index after a series of sub-blocks, or -1. */
  const behindBlocks = (from: number): number => {
    for (let at = from; at < bytes.length; at += 1 + bytes[at]!) if (bytes[at] === 0) return at + 1;
    return -1;
  };
  let at = 13 + table(bytes[10] ?? 0);
  while (at >= 0 && at < bytes.length) {
    if (bytes[at] === 0x2c) return behindBlocks(at + 11 + table(bytes[at + 9] ?? 0)) > 0;
    if (bytes[at] !== 0x21) return false;
    at = behindBlocks(at + 2);
  }
  return false;
}

/** The number of pictures of a GIF. */
export function framesOfGif(bytes: Uint8Array): number {
  const table = (flags: number) => (flags & 0x80 ? 3 << ((flags & 7) + 1) : 0);
  let frames = 0;
  for (let at = 13 + table(bytes[10] ?? 0); at < bytes.length; ) {
    const kind = bytes[at];
    if (kind !== 0x2c && kind !== 0x21) break;
    if (kind === 0x2c) frames++;
    at += kind === 0x2c ? 11 + table(bytes[at + 9] ?? 0) : 2;
    while (at < bytes.length && bytes[at] !== 0) at += 1 + bytes[at]!;
    at++;
  }
  return Math.max(1, frames);
}

function readBmp(view: DataView): ImageHeader {
  if (view.byteLength < 26) return { type: 'image/bmp', size: null, complete: false };
  const size = { width: Math.abs(view.getInt32(18, true)), height: Math.abs(view.getInt32(22, true)) };
  return { type: 'image/bmp', size, complete: view.byteLength >= view.getUint32(2, true) };
}

/** ISO base media files: the browser's decoder reports truncation itself if it supports the format. */
function isoBrand(bytes: Uint8Array, brand: string): ImageHeader {
  // The generic brands only say that it is a picture; AVIF is then among the compatible brands.
  const compatible = latin1(bytes, 16, Math.min(bytes.length, 64));
  const isGeneral = brand === 'mif1' || brand === 'msf1';
  if (/^avi[fs]$/.test(brand) || (isGeneral && /avi[fs]/.test(compatible)))
    return { type: 'image/avif', size: sizeOfHeif(bytes), complete: true };
  if (isGeneral || /^he(ic|ix|vc|vx|im|is)$/.test(brand))
    return { type: 'image/heic', size: sizeOfHeif(bytes), complete: true };
  return brand === 'crx ' ? { ...UNKNOWN, type: 'image/x-raw' } : UNKNOWN;
}
