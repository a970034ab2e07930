/**
 * Metadata and colour in PNG files. Works on bytes, in browsers and Node.
 *
 * Source: PNG, third edition: 5 (chunks), 11.3 (ancillary chunks), 12 (precedence of colour chunks).
 */
import { ascii, concatBytes, copyOf, crc32, deflate, inflate, latin1, startsWith, viewOf } from './bytes';
import { fromRawProfile, iptcFromResources, toRawProfile } from './iptc';
import type { FoundMetadata, Metadata, PngText } from './metadata';
import type { SignalledColour } from './signalled-colour';

interface Chunk {
  readonly name: string;
  /** Start of the payload. */
  readonly start: number;
  readonly end: number;
}

const SIGNATURE = Uint8Array.of(0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a);

export const isPng = (file: Uint8Array): boolean => startsWith(file, SIGNATURE);

/** All complete chunks up to the end mark. Writers put metadata after the pixels too. */
export function chunksOf(file: Uint8Array): Chunk[] {
  const chunks: Chunk[] = [];
  const data = viewOf(file);
  for (let at = SIGNATURE.length; at + 12 <= file.length; ) {
    const end = at + 8 + data.getUint32(at);
    if (end + 4 > file.length) break;
    const name = latin1(file, at + 4, at + 8);
    chunks.push({ name, start: at + 8, end });
    if (name === 'IEND') break;
    at = end + 4;
  }
  return chunks;
}

/** Whether a chunk's checksum is correct. */
export const isSound = (file: Uint8Array, { start, end }: Chunk): boolean =>
  crc32(file.subarray(start - 4, end)) === viewOf(file).getUint32(end);

const XMP_KEYWORD = 'XML:com.adobe.xmp';
const RAW_PROFILE = /^Raw profile type (\S+)$/;

export async function findInPng(file: Uint8Array): Promise<Metadata> {
  const found: FoundMetadata = {};
  const texts: PngText[] = [];
  for (const chunk of chunksOf(file)) {
    const { name, start, end } = chunk;
    if (name === 'eXIf') found.exif ??= copyOf(file, start, end);
    if (name === 'pHYs' && end - start === 9 && file[start + 8] === 1) {
      const [x, y] = [viewOf(file).getUint32(start), viewOf(file).getUint32(start + 4)];
      // Pixels per metre.
      if (x > 0 && y > 0) found.resolution = { x: 0.0254 * x, y: 0.0254 * y };
    }
    if (name === 'iCCP' && isSound(file, chunk)) {
      const zero = file.indexOf(0, start);
      const profile = zero >= 0 && zero < end && (await inflate(file.subarray(zero + 2, end)));
      if (profile) found.profile = profile;
    }
    if (!/^(?:tEXt|zTXt|iTXt)$/.test(name)) continue;
    const keyword = latin1(file, start, Math.min(end, start + 80)).split('\0', 1)[0]!;
    const [, packed] = RAW_PROFILE.exec(keyword) ?? [];
    const text = keyword === XMP_KEYWORD || packed ? await textOf(file, chunk, keyword) : null;
    if (text && keyword === XMP_KEYWORD) found.xmp ??= text;
    else if (text && packed) takeRawProfile(found, packed, fromRawProfile(text));
    else if (keyword !== XMP_KEYWORD) texts.push({ keyword, chunk: name, payload: copyOf(file, start, end) });
  }
  if (texts.length > 0) found.texts = texts;
  return found;
}

/** The text after a keyword, unpacked if necessary; null if that fails. */
async function textOf(file: Uint8Array, { name, start, end }: Chunk, keyword: string) {
  const from = start + keyword.length + 1;
  if (name === 'tEXt') return copyOf(file, from, end);
  if (name === 'zTXt') return inflate(file.subarray(from + 1, end));
  // After the keyword: compression flag, method, language, translated keyword, text.
  const language = file.indexOf(0, from + 2);
  const translated = language < 0 ? -1 : file.indexOf(0, language + 1);
  if (translated < 0 || translated >= end) return null;
  const text = file.subarray(translated + 1, end);
  return file[from] === 0 ? copyOf(text) : inflate(text);
}

const EXIF_PREFIX = ascii('Exif\0\0');
const XMP_PREFIX = ascii('http://ns.adobe.com/xap/1.0/\0');

function takeRawProfile(found: FoundMetadata, name: string, bytes: Uint8Array | undefined): void {
  if (!bytes) return;
  const isExif = startsWith(bytes, EXIF_PREFIX);
  if (name === 'exif' || (name === 'APP1' && isExif))
    found.exif ??= copyOf(bytes, isExif ? EXIF_PREFIX.length : 0);
  else if (name === 'APP1' && startsWith(bytes, XMP_PREFIX)) found.xmp ??= copyOf(bytes, XMP_PREFIX.length);
  else if (name === 'xmp') found.xmp ??= bytes;
  else if (name === 'iptc' || name === '8bim') {
    const iptc = startsWith(bytes, ascii('8BIM')) ? iptcFromResources(bytes) : bytes;
    if (iptc) found.iptc ??= iptc;
  } else if (name === 'icm' || name === 'icc') found.profile ??= bytes;
}

const COLOUR_CHUNKS: readonly string[] = ['cICP', 'sRGB', 'gAMA', 'cHRM'];

/** The colour information in chunks before the pixels, besides a profile. */
export function colourOfPng(file: Uint8Array): SignalledColour {
  const data = viewOf(file);
  const colour: { -readonly [K in keyof SignalledColour]: SignalledColour[K] } = {};
  for (const chunk of chunksOf(file)) {
    const { name, start, end } = chunk;
    const length = end - start;
    if (name === 'IDAT') break;
    // Damaged chunks are ignored, as in decoders.
    if (!COLOUR_CHUNKS.includes(name) || !isSound(file, chunk)) continue;
    if (name === 'cICP' && length === 4) {
      const [primaries, transfer, matrix, fullRange] = file.subarray(start, end);
      colour.codes = {
        primaries: primaries!,
        transfer: transfer!,
        isFullRangeRgb: matrix === 0 && fullRange === 1,
      };
    }
    if (name === 'sRGB') colour.isSrgb = true;
    if (name === 'gAMA' && length === 4) {
      const gamma = data.getUint32(start) / 100_000;
      if (gamma > 0.01 && gamma < 100) colour.gamma = gamma;
    }
    if (name === 'cHRM' && length === 32) {
      const [wx, wy, rx, ry, gx, gy, bx, by] = Array.from(
        { length: 8 },
        (_, i) => data.getUint32(start + 4 * i) / 100_000,
      ) as [number, number, number, number, number, number, number, number];
      colour.chromaticities = { white: [wx, wy], red: [rx, ry], green: [gx, gy], blue: [bx, by] };
    }
  }
  return colour;
}

/** The number of frames of an animation; 1 for a still picture. */
export function framesOfPng(file: Uint8Array): number {
  const control = chunksOf(file).find(({ name }) => name === 'acTL');
  return control && control.end - control.start >= 4 ? Math.max(1, viewOf(file).getUint32(control.start)) : 1;
}

const HEADER_END = SIGNATURE.length + 4 + 4 + 13 + 4;

/** Inserts after the header chunk: a profile must precede palette and pixels. */
export async function embedInPng(
  file: Uint8Array,
  { exif, profile, xmp, iptc, resolution, texts = [] }: Metadata,
): Promise<Uint8Array> {
  const chunks: Uint8Array[] = [];
  if (profile) chunks.push(pngChunk('iCCP', concatBytes(ascii('ICC profile\0\0'), await deflate(profile))));
  if (resolution) chunks.push(pngChunk('pHYs', physicalSize(resolution)));
  if (exif) chunks.push(pngChunk('eXIf', exif));
  // Keyword; not compressed, compression method; no language; no translated keyword.
  if (xmp) chunks.push(pngChunk('iTXt', concatBytes(ascii(`${XMP_KEYWORD}\0\0\0\0\0`), xmp)));
  if (iptc) {
    const text = await deflate(toRawProfile('iptc', iptc));
    chunks.push(pngChunk('zTXt', concatBytes(ascii('Raw profile type iptc\0\0'), text)));
  }
  for (const { chunk, payload } of texts) chunks.push(pngChunk(chunk, payload));
  return concatBytes(file.subarray(0, HEADER_END), ...chunks, ...withoutPhysicalSize(file));
}

function physicalSize({ x, y }: { x: number; y: number }): Uint8Array {
  const payload = new Uint8Array(9);
  viewOf(payload).setUint32(0, Math.round(x / 0.0254));
  viewOf(payload).setUint32(4, Math.round(y / 0.0254));
  payload[8] = 1;
  return payload;
}

/** The file after its header, without the resolution that encoders invent. */
function withoutPhysicalSize(file: Uint8Array): Uint8Array[] {
  const made = chunksOf(file).find(({ name }) => name === 'pHYs');
  if (!made) return [file.subarray(HEADER_END)];
  return [file.subarray(HEADER_END, made.start - 8), file.subarray(made.end + 4)];
}

function pngChunk(name: string, payload: Uint8Array): Uint8Array {
  const body = concatBytes(ascii(name), payload);
  const chunk = new Uint8Array(4 + body.length + 4);
  viewOf(chunk).setUint32(0, payload.length);
  chunk.set(body, 4);
  viewOf(chunk).setUint32(4 + body.length, crc32(body));
  return chunk;
}
