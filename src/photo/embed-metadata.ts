/**
 * Puts metadata into encoded pictures, as bytes. Pure: works in browser and Node.
 *
 * Sources: JPEG ISO/IEC 10918-1 B.1 (segments), CIPA DC-008 (EXIF 2.32), ICC.1:2022 annex B (profiles in JPEG and
 * TIFF), XMP specification part 3, PNG third edition 11.3 (eXIf, iCCP, iTXt), the WebP container specification.
 */
import { ascii, concatBytes, crc32, startsWith, viewOf } from './bytes';
import type { ContainerFormat, Metadata, PictureSize, Tagged } from './metadata';
import { addToTiff } from './tiff';

/** Puts metadata into an encoded picture that has none of the kinds given. */
export async function embedMetadata(
  file: Uint8Array,
  format: ContainerFormat,
  metadata: Metadata,
  size: PictureSize,
): Promise<Tagged> {
  if (!metadata.exif && !metadata.profile && !metadata.xmp) return { bytes: file, notes: [] };
  if (format === 'jpeg') return embedInJpeg(file, metadata);
  if (format === 'png') return { bytes: await embedInPng(file, metadata), notes: [] };
  if (format === 'webp') return { bytes: embedInWebp(file, metadata, size), notes: [] };
  return addToTiff(file, metadata);
}

/** A JPEG segment's length, which counts itself, is a 16-bit number. */
const SEGMENT_LIMIT = 0xffff - 2;
const EXIF_PREFIX = ascii('Exif\0\0');
const XMP_PREFIX = ascii('http://ns.adobe.com/xap/1.0/\0');
const ICC_PREFIX = ascii('ICC_PROFILE\0');
/** A profile is cut into pieces, each behind the prefix, its number and how many there are. */
const ICC_PIECE = SEGMENT_LIMIT - ICC_PREFIX.length - 2;
const ICC_MOST_PIECES = 255;

/** After the start marker and the JFIF segment, if there is one. */
function embedInJpeg(file: Uint8Array, { exif, profile, xmp }: Metadata): Tagged {
  const notes: string[] = [];
  const segments: Uint8Array[] = [];
  const add = (marker: number, payload: Uint8Array, what: string) => {
    if (payload.length > SEGMENT_LIMIT) notes.push(`${what} is too long for JPEG and is left out`);
    else segments.push(jpegSegment(marker, payload));
  };
  if (exif) add(0xe1, concatBytes(EXIF_PREFIX, exif), 'EXIF');
  if (xmp) add(0xe1, concatBytes(XMP_PREFIX, xmp), 'XMP');
  if (profile) {
    const pieces = Math.ceil(profile.length / ICC_PIECE);
    if (pieces > ICC_MOST_PIECES) notes.push('the colour profile is too long for JPEG and is left out');
    for (let i = 0; i < pieces && pieces <= ICC_MOST_PIECES; i++) {
      const piece = profile.subarray(i * ICC_PIECE, (i + 1) * ICC_PIECE);
      add(0xe2, concatBytes(ICC_PREFIX, Uint8Array.of(i + 1, pieces), piece), 'the colour profile');
    }
  }
  const hasJfif = file[2] === 0xff && file[3] === 0xe0;
  const at = hasJfif ? 4 + viewOf(file).getUint16(4) : 2;
  return { bytes: concatBytes(file.subarray(0, at), ...segments, file.subarray(at)), notes };
}

function jpegSegment(marker: number, payload: Uint8Array): Uint8Array {
  const header = Uint8Array.of(0xff, marker, 0, 0);
  viewOf(header).setUint16(2, payload.length + 2);
  return concatBytes(header, payload);
}

const PNG_HEADER_END = 8 + 4 + 4 + 13 + 4;

/** Right after the header chunk; a profile must come before palette and pixels. */
async function embedInPng(file: Uint8Array, { exif, profile, xmp }: Metadata): Promise<Uint8Array> {
  const chunks: Uint8Array[] = [];
  if (profile) chunks.push(pngChunk('iCCP', concatBytes(ascii('ICC profile\0\0'), await deflate(profile))));
  if (exif) chunks.push(pngChunk('eXIf', exif));
  // Keyword; not compressed, compression method; no language; no translated keyword.
  if (xmp) chunks.push(pngChunk('iTXt', concatBytes(ascii('XML:com.adobe.xmp\0\0\0\0\0'), xmp)));
  return concatBytes(file.subarray(0, PNG_HEADER_END), ...chunks, file.subarray(PNG_HEADER_END));
}

function pngChunk(name: string, payload: Uint8Array): Uint8Array {
  const body = concatBytes(ascii(name), payload);
  const chunk = new Uint8Array(4 + body.length + 4);
  viewOf(chunk).setUint32(0, payload.length);
  chunk.set(body, 4);
  viewOf(chunk).setUint32(4 + body.length, crc32(body));
  return chunk;
}

/** In the format of zlib, as PNG wants it. */
async function deflate(bytes: Uint8Array): Promise<Uint8Array> {
  const stream = new Blob([bytes.slice()]).stream().pipeThrough(new CompressionStream('deflate'));
  return new Uint8Array(await new Response(stream).arrayBuffer());
}

/** Flags of the extended header. */
const WEBP_FLAGS = { profile: 0x20, alpha: 0x10, exif: 0x08, xmp: 0x04 } as const;
const RIFF_HEADER = 12;
const CHUNK_HEADER = 8;
const VP8X_BYTES = CHUNK_HEADER + 10;

/** A profile goes before the picture, the rest behind it; announced in the extended header, made if missing. */
function embedInWebp(file: Uint8Array, { exif, profile, xmp }: Metadata, size: PictureSize): Uint8Array {
  const isExtended = startsWith(file, ascii('VP8X'), RIFF_HEADER);
  const header = isExtended ? file.slice(RIFF_HEADER, RIFF_HEADER + VP8X_BYTES) : extendedHeader(size);
  const picture = file.subarray(isExtended ? RIFF_HEADER + VP8X_BYTES : RIFF_HEADER);
  header[CHUNK_HEADER]! |=
    (profile ? WEBP_FLAGS.profile : 0) | (exif ? WEBP_FLAGS.exif : 0) | (xmp ? WEBP_FLAGS.xmp : 0);
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
  if (hasAlpha) payload[0] = WEBP_FLAGS.alpha;
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

/**
 * An XMP packet whose orientation, if it names one, is upright. The packet keeps its length, as its padding and
 * whoever edits it in place count on it.
 */
export function uprightXmp(packet: Uint8Array): Uint8Array {
  const upright = packet.slice();
  // One character for one byte: UTF-8 is taken apart no further than needed.
  const text = Array.from(packet, (byte) => String.fromCharCode(byte)).join('');
  for (const match of text.matchAll(/(tiff:Orientation\s*(?:=\s*["']|>\s*))[1-8]/g)) {
    upright[match.index + match[1]!.length] = 0x31;
  }
  return upright;
}
