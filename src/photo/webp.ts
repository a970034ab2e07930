/** Metadata in WebP files. Works on bytes, in browsers and Node. Source: the WebP container specification. */
import { ascii, concatBytes, copyOf, latin1, startsWith, viewOf } from './bytes';
import type { FoundMetadata, Metadata, PictureSize } from './metadata';

/** Flags of the extended header. */
const FLAGS = { profile: 0x20, alpha: 0x10, exif: 0x08, xmp: 0x04 } as const;
const RIFF_HEADER = 12;
const CHUNK_HEADER = 8;
const VP8X_BYTES = CHUNK_HEADER + 10;

export const isWebp = (file: Uint8Array): boolean =>
  startsWith(file, ascii('RIFF')) && startsWith(file, ascii('WEBP'), 8);

/** The complete chunks of a WebP file. */
export function* webpChunks(file: Uint8Array) {
  for (let at = RIFF_HEADER; at + CHUNK_HEADER <= file.length; ) {
    const [name, start] = [latin1(file, at, at + 4), at + CHUNK_HEADER];
    const end = start + viewOf(file).getUint32(at + 4, true);
    if (end > file.length) return;
    yield { name, start, end };
    at = end + (end & 1);
  }
}

export function findInWebp(file: Uint8Array): Metadata {
  const found: FoundMetadata = {};
  for (const { name, start, end } of webpChunks(file)) {
    // Some writers add JPEG's prefix.
    const from = startsWith(file, ascii('Exif\0\0'), start) ? start + 6 : start;
    if (name === 'EXIF') found.exif ??= copyOf(file, from, end);
    if (name === 'XMP ') found.xmp ??= copyOf(file, start, end);
    if (name === 'ICCP') found.profile ??= copyOf(file, start, end);
  }
  return found;
}

/** Whether the last chunk is complete; some writers omit its padding byte. */
export function isWholeWebp(file: Uint8Array): boolean {
  if (file.length < RIFF_HEADER) return false;
  const stated = Math.min(viewOf(file).getUint32(4, true) + 8, 0xffffffff);
  let end = RIFF_HEADER;
  for (const chunk of webpChunks(file)) end = chunk.end;
  return end + (end & 1) >= stated;
}

/** The number of frames of an animation; 1 for a still picture. */
export function framesOfWebp(file: Uint8Array): number {
  let frames = 0;
  for (const { name } of webpChunks(file)) if (name === 'ANMF') frames++;
  return Math.max(1, frames);
}

/**
 * Puts a profile before the picture and the rest after it. The extended header announces them and is added if
 * missing.
 */
export function embedInWebp(
  file: Uint8Array,
  { exif, profile, xmp }: Metadata,
  size: PictureSize,
): Uint8Array {
  const isExtended = startsWith(file, ascii('VP8X'), RIFF_HEADER);
  const header = isExtended ? copyOf(file, RIFF_HEADER, RIFF_HEADER + VP8X_BYTES) : extendedHeader(size);
  const picture = file.subarray(isExtended ? RIFF_HEADER + VP8X_BYTES : RIFF_HEADER);
  header[CHUNK_HEADER]! |= (profile ? FLAGS.profile : 0) | (exif ? FLAGS.exif : 0) | (xmp ? FLAGS.xmp : 0);
  const body = concatBytes(
    ascii('WEBP'),
    header,
    ...(profile ? [riffChunk('ICCP', profile)] : []),
    picture,
    ...(exif ? [riffChunk('EXIF', exif)] : []),
    ...(xmp ? [riffChunk('XMP ', xmp)] : []),
  );
  return riffChunk('RIFF', body);
}

function extendedHeader({ width, height, hasAlpha }: PictureSize): Uint8Array {
  const payload = new Uint8Array(10);
  if (hasAlpha) payload[0] = FLAGS.alpha;
  // Both are 24 bits wide; the height overwrites the width's fourth byte, which is zero.
  viewOf(payload).setUint32(4, width - 1, true);
  viewOf(payload).setUint16(7, (height - 1) & 0xffff, true);
  payload[9] = (height - 1) >> 16;
  return riffChunk('VP8X', payload);
}

function riffChunk(name: string, payload: Uint8Array): Uint8Array {
  const chunk = new Uint8Array(CHUNK_HEADER + payload.length + (payload.length & 1));
  chunk.set(ascii(name));
  viewOf(chunk).setUint32(4, payload.length, true);
  chunk.set(payload, CHUNK_HEADER);
  return chunk;
}
