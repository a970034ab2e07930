import type { Metadata as FileFacts } from 'sharp';
import { InputError } from '../../errors';
import { reason } from '../../reason';
import { loadSharp, sharp } from '../../sharp-node';
import { isBomb } from '../claimed-size';
import { withEndMark } from '../image-header';
import { inspectPhoto, type PhotoFile } from '../inspect';
import { rawPreview } from '../raw-preview';
import { type TiffPixels, tiffPixels } from '../tiff';
import type { OpenOptions } from './open-options';

/** The most pixels that are decoded: sharp's own limit, a guard against decompression bombs. */
export const MAX_PIXELS = 0x3fff * 0x3fff;

export const megapixels = (pixels: number): string => (pixels / 1e6).toFixed(0);

/** sharp's options for reading files. */
export const OPTIONS = { failOn: 'error', limitInputPixels: MAX_PIXELS } as const;

/** A photo that can be decoded. */
export interface OpenedPhoto {
  /** For the decoder: the file's bytes, or a repaired copy. */
  readonly bytes: Uint8Array;
  readonly facts: FileFacts;
  readonly file: PhotoFile;
  readonly tiff: TiffPixels | undefined;
  readonly notes: readonly string[];
}

const FORMATS = ['jpeg', 'png', 'webp', 'tiff', 'gif', 'heif'];
const USE = 'Use JPEG, PNG, WebP, TIFF, AVIF or GIF.';

/** @throws {InputError} naming the file, what it is and what to do, unless it is a photo that can be decoded. */
export async function openPhoto(
  given: Uint8Array,
  name: string,
  options: OpenOptions = {},
): Promise<OpenedPhoto> {
  if (given.length === 0)
    throw new InputError(`${name} is empty (0 bytes). Copy it again from its source.`, {
      code: 'photo-truncated',
    });
  const file = await inspectPhoto(given);
  const notes: string[] = [];
  const { type, lacksEndMark } = file.header;
  if (type === 'image/x-raw') {
    if (options.rawPreview) return openRawPreview(given, file, name);
    throw new InputError(
      `${name} is a camera raw file, which glocal does not develop. Convert it first with a raw converter, to ` +
        "16-bit TIFF or JPEG; or use the camera's own preview with --raw-preview.",
      { code: 'photo-raw' },
    );
  }
  const tiff = type === 'image/tiff' ? tiffPixels(given) : undefined;
  const objection = tiff && objectionTo(tiff, file);
  if (objection) throw new InputError(`${name} ${objection}`, { code: 'photo-tiff' });
  let bytes = withEndMark(given, file.header);
  if (lacksEndMark) notes.push('has no end mark, but all of its pixels are there');
  // The decoder does not support 8-bit Lab; declared as RGB, it returns the numbers unchanged.
  if (tiff && isLab(tiff) && tiff.photometricAt !== undefined) {
    bytes = new Uint8Array(given);
    const isLittle = given[0] === 0x49;
    new DataView(bytes.buffer).setUint16(tiff.photometricAt, RGB, isLittle);
  }
  const facts = await readFacts(bytes, name);
  requireDecodable(facts, name, given.length);
  const { format, pages = 1 } = facts;
  if (pages > 1 && (format === 'tiff' || format === 'heif'))
    notes.push(`has ${pages} frames or pages; only the first is used`);
  if (facts.gainMap) notes.push('has a gain map, which would not fit the new picture and is left out');
  return { bytes, facts, file, tiff, notes };
}

/** Refuses formats that have no decoder, and sizes that would take too much memory. */
function requireDecodable(
  { format, compression, width, height }: FileFacts,
  name: string,
  bytes: number,
): void {
  if (!FORMATS.includes(format)) {
    throw new InputError(`${name} is ${String(format).toUpperCase()}, not a photo. ${USE}`, {
      code: 'not-an-image',
    });
  }
  if (format === 'heif' && compression !== 'av1' && !canReadHeic()) {
    throw new InputError(
      `${name} is HEIC, for which glocal has no freely licensed decoder. Convert it to JPEG first: ` +
        'on a Mac with Preview, on Windows with Photos, elsewhere with heif-convert; or set the phone to "most compatible".',
      { code: 'photo-heic' },
    );
  }
  if (width * height > MAX_PIXELS) {
    throw new InputError(
      `${name} is ${width} x ${height}, ${megapixels(width * height)} megapixels; at most ` +
        `${megapixels(MAX_PIXELS)} megapixels are supported. Make it smaller first.`,
      { code: 'photo-too-large' },
    );
  }
  if (isBomb(width * height, bytes)) {
    throw new InputError(
      `${name} claims ${width} x ${height} pixels in ${bytes} bytes: it is blank, or made to exhaust memory. It is ` +
        'not decoded.',
      { code: 'photo-bomb' },
    );
  }
}

/** Longer side in pixels of the smallest preview that is more than a thumbnail. */
const LEAST_PREVIEW = 640;

/** The preview is an ordinary JPEG; metadata that it lacks comes from the raw file. */
async function openRawPreview(given: Uint8Array, raw: PhotoFile, name: string): Promise<OpenedPhoto> {
  const preview = rawPreview(given);
  if (!preview || Math.max(preview.width, preview.height) < LEAST_PREVIEW) {
    const what = preview ? `only a thumbnail of ${preview.width} x ${preview.height}` : 'no JPEG preview';
    throw new InputError(
      `${name} is a raw file with ${what} in it. Convert it first with a raw converter, to 16-bit TIFF or JPEG.`,
      { code: 'photo-raw' },
    );
  }
  const opened = await openPhoto(preview.jpeg, name);
  const { file } = opened;
  const hasExif = file.metadata.exif !== undefined;
  const note = `is a raw file: this is the preview of ${preview.width} x ${preview.height} by the camera, not the sensor data`;
  return {
    ...opened,
    file: {
      ...file,
      metadata: hasExif ? file.metadata : { ...raw.metadata, ...file.metadata },
      orientation: hasExif && file.orientation !== 1 ? file.orientation : preview.orientation,
    },
    notes: [note, ...opened.notes],
  };
}

/** A libvips installed on the machine may support more formats than the one from npm. */
const canReadHeic = (): boolean => loadSharp().format.heif?.input.fileSuffix?.includes('.heic') ?? false;

async function readFacts(bytes: Uint8Array, name: string): Promise<FileFacts> {
  try {
    return await sharp(bytes, OPTIONS).metadata();
  } catch (cause) {
    throw decodingError(name, cause);
  }
}

const RGB = 2;
const FLOATING = 3;

export const isLab = ({ photometric }: TiffPixels): boolean => photometric === 8 || photometric === 9;

export const isFloating = ({ sampleFormat }: TiffPixels): boolean => sampleFormat === FLOATING;

/** Number of samples that are colours, rather than alpha or anything else. */
export const coloursOf = ({ photometric }: TiffPixels): number =>
  photometric === 5 ? 4 : photometric === 0 || photometric === 1 || photometric === 3 ? 1 : 3;

const SAVE_AS = 'Save it with 8 or 16 bits a channel, RGB or grey, and try again.';

/** Why a TIFF cannot be decoded correctly, and what to do; undefined if it can. */
function objectionTo(tiff: TiffPixels, { metadata }: PhotoFile): string | undefined {
  const { bits, sampleFormat, photometric, compression } = tiff;
  const [depth = 1] = bits;
  if (bits.some((other) => other !== depth))
    return `is a TIFF whose channels differ in depth (${bits.join(', ')} bits). ${SAVE_AS}`;
  if (sampleFormat === 2) return `is a TIFF of signed numbers, which photos do not use. ${SAVE_AS}`;
  if (sampleFormat === 5 || sampleFormat === 6) return `is a TIFF of complex numbers. ${SAVE_AS}`;
  if (isFloating(tiff)) {
    if (depth !== 32) return `is a TIFF of floating-point numbers of ${depth} bits. ${SAVE_AS}`;
    if (photometric > 2)
      return `is a TIFF of floating-point numbers that are neither RGB nor grey. ${SAVE_AS}`;
    if (!metadata.profile)
      return `is a TIFF of floating-point numbers without a colour profile, so their meaning is unknown. ${SAVE_AS}`;
    return undefined;
  }
  if (![1, 2, 4, 8, 16].includes(depth)) return `is a TIFF of ${depth} bits a channel. ${SAVE_AS}`;
  if (isLab(tiff) && depth < 8) return `is a Lab TIFF of ${depth} bits a channel. ${SAVE_AS}`;
  if (photometric === 10) return `is a TIFF of ITU Lab, as fax machines write it. ${SAVE_AS}`;
  if (photometric === 32844 || photometric === 32845)
    return `is a TIFF of logarithmic light (LogLuv). ${SAVE_AS}`;
  // The decoder treats the numbers as RGB unless they are those of a JPEG.
  if (photometric === 6 && compression !== 6 && compression !== 7)
    return `is a TIFF of luminance and chroma (YCbCr) that is not compressed as JPEG. ${SAVE_AS}`;
  return undefined;
}

export function decodingError(name: string, cause: unknown): InputError {
  const detail = reason(cause);
  if (/unsupported image format/i.test(detail)) {
    return new InputError(`${name} is not an image that can be read. ${USE}`, {
      cause,
      code: 'not-an-image',
    });
  }
  const [, compression] = /(\w+) compression support is not configured/.exec(detail) ?? [];
  if (compression) {
    return new InputError(
      `${name} uses ${compression} compression, which is not supported. Save it with LZW or Deflate (ZIP) compression, or none.`,
      { cause },
    );
  }
  if (/not supported/i.test(detail)) {
    return new InputError(
      `${name} is stored in a way that is not supported (${detail}). Save it again as JPEG, PNG or TIFF.`,
      { cause },
    );
  }
  if (/pixel limit/i.test(detail)) {
    return new InputError(
      `${name} has more than ${megapixels(MAX_PIXELS)} megapixels, the most that is supported. Make it smaller first.`,
      { cause, code: 'photo-too-large' },
    );
  }
  return new InputError(
    `${name} is damaged or cut short, so it cannot be decoded (${detail}). Copy it again from its source.`,
    { cause, code: 'photo-damaged' },
  );
}
