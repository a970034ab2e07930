import type { Metadata } from './metadata';

/**
 * Finds the metadata of a photo, so that its enhanced version can keep it: the encoders of browsers write none.
 * Files cut short or of other kinds give what was found; nothing is ever thrown for them.
 *
 * Sources: JPEG ISO/IEC 10918-1 B.1, ICC.1:2022 annex B, XMP specification part 3, PNG third edition 11.3 (eXIf,
 * iCCP, iTXt), WebP container specification.
 */
export async function findMetadata(bytes: Uint8Array<ArrayBuffer>): Promise<Metadata> {
  const file = new ByteReader(bytes);
  if (file.text(0, 2) === '\xff\xd8') return inJpeg(file);
  if (file.text(1, 3) === 'PNG') return inPng(file);
  if (file.text(0, 4) === 'RIFF' && file.text(8, 4) === 'WEBP') return inWebp(file);
  return {};
}

type Found = { -readonly [K in keyof Metadata]: Metadata[K] };

const XMP_NAMESPACE = 'http://ns.adobe.com/xap/1.0/\0';
const ICC_PREFIX = 'ICC_PROFILE\0';

/** Segments before the first scan. A profile may be cut into numbered pieces. */
function inJpeg(file: ByteReader): Metadata {
  const found: Found = {};
  const pieces: { number: number; data: Uint8Array<ArrayBuffer> }[] = [];
  let at = 2;
  while (at + 4 <= file.length && file.text(at, 1) === '\xff' && file.text(at + 1, 1) !== '\xda') {
    const [marker, start, end] = [file.text(at + 1, 1), at + 4, at + 2 + file.u16(at + 2)];
    if (marker === '\xe1' && file.text(start, 6) === 'Exif\0\0') found.exif ??= file.slice(start + 6, end);
    if (marker === '\xe1' && file.text(start, XMP_NAMESPACE.length) === XMP_NAMESPACE) {
      found.xmp ??= file.slice(start + XMP_NAMESPACE.length, end);
    }
    if (marker === '\xe2' && file.text(start, ICC_PREFIX.length) === ICC_PREFIX) {
      const number = file.u8(start + ICC_PREFIX.length);
      pieces.push({ number, data: file.slice(start + ICC_PREFIX.length + 2, end) });
    }
    at = end;
  }
  if (pieces.length > 0) {
    pieces.sort((a, b) => a.number - b.number);
    found.profile = new Uint8Array(pieces.flatMap(({ data }) => [...data]));
  }
  return found;
}

const XMP_KEYWORD = 'XML:com.adobe.xmp\0';

async function inPng(file: ByteReader): Promise<Metadata> {
  const found: Found = {};
  for (let at = 8; at + 12 <= file.length; ) {
    const [name, start, end] = [file.text(at + 4, 4), at + 8, at + 8 + file.u32(at)];
    if (name === 'eXIf') found.exif = file.slice(start, end);
    if (file.text(start, XMP_KEYWORD.length) === XMP_KEYWORD) {
      const from = start + XMP_KEYWORD.length;
      // The standard is iTXt; libpng-based writers use zTXt too.
      const xmp =
        name === 'zTXt' ? await inflate(file.slice(from + 1, end)) : await internationalText(file, from, end);
      if (xmp) found.xmp = xmp;
    }
    if (name === 'iCCP') {
      const profile = await inflate(file.slice(file.find(0, start) + 2, end));
      if (profile) found.profile = profile;
    }
    at = end + 4;
  }
  return found;
}

/** Behind the keyword: whether compressed, how, language, translated keyword, text. */
async function internationalText(file: ByteReader, start: number, end: number) {
  const language = file.find(0, start + 2);
  const translated = file.find(0, language + 1);
  const text = file.slice(translated + 1, end);
  return file.u8(start) === 0 ? text : inflate(text);
}

function inWebp(file: ByteReader): Metadata {
  const found: Found = {};
  for (let at = 12; at + 8 <= file.length; ) {
    const [name, start, end] = [file.text(at, 4), at + 8, at + 8 + file.u32(at + 4, true)];
    if (name === 'EXIF') found.exif = file.slice(file.text(start, 6) === 'Exif\0\0' ? start + 6 : start, end);
    if (name === 'XMP ') found.xmp = file.slice(start, end);
    if (name === 'ICCP') found.profile = file.slice(start, end);
    at = end + (end & 1);
  }
  return found;
}

/** Null for what zlib does not accept. */
async function inflate(bytes: Uint8Array<ArrayBuffer>): Promise<Uint8Array<ArrayBuffer> | null> {
  const stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream('deflate'));
  return new Response(stream).arrayBuffer().then(
    (buffer) => new Uint8Array(buffer),
    () => null,
  );
}

class ByteReader {
  readonly #bytes: Uint8Array<ArrayBuffer>;
  readonly #view: DataView;

  constructor(bytes: Uint8Array<ArrayBuffer>) {
    this.#bytes = bytes;
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }

  get length(): number {
    return this.#bytes.length;
  }

  text(at: number, length: number): string {
    return String.fromCharCode(...this.#bytes.subarray(at, at + length));
  }

  slice(start: number, end: number): Uint8Array<ArrayBuffer> {
    return this.#bytes.slice(start, end);
  }

  find(byte: number, from: number): number {
    return this.#bytes.indexOf(byte, from);
  }

  u8(at: number): number {
    return this.#bytes[at] ?? 0;
  }

  u16(at: number): number {
    return this.#view.getUint16(at);
  }

  u32(at: number, littleEndian = false): number {
    return this.#view.getUint32(at, littleEndian);
  }
}
