import { readFile } from 'node:fs/promises';
import sharp, { type Metadata as FileFacts, type Sharp } from 'sharp';
import { InputError } from '../../errors';
import { reason } from '../../reason';
import { embedMetadata, uprightXmp } from '../embed-metadata';
import { uprightExif } from '../exif';
import type { PhotoFormat } from '../format';
import type { Channels, RasterImage } from '../image';
import type { Metadata } from '../metadata';
import { codecOf, isUsableProfile } from '../pixel-codec';
import { exifFromTiff } from '../tiff';

/** A decoded photo with what must come back in the output. */
export interface Photo {
  /**
   * Upright, in the numbers of the file: its depth, its channels, its colour space (`image.profile`). Only what
   * the network has no way back to, such as CMYK, is converted to sRGB.
   */
  readonly image: RasterImage & { readonly channels: Channels };
  /** Format of the file as sharp names it: `jpeg`, `png`, `webp`, `tiff`, `gif`, `heif`. */
  readonly format: string;
  readonly exif?: Uint8Array;
  readonly xmp?: Uint8Array;
  /** What the reader had to change or leave out, in words for the user. */
  readonly notes: readonly string[];
}

const READABLE_FORMATS = ['jpeg', 'png', 'webp', 'tiff', 'gif', 'heif'];

/** Pixels of the largest photo that is decoded: sharp's own bound, a guard against decompression bombs. */
const MAX_PIXELS = 0x3fff * 0x3fff;

const DEFAULT_QUALITY = 92;

/** Finding the best Huffman tables takes a second pass over all coefficients, which are twice the picture. */
const MAX_OPTIMISED_PIXELS = 2 ** 25;

/** @throws {InputError} naming the file: missing, unreadable, not a photo, damaged, or too large. */
export async function readPhoto(path: string): Promise<Photo> {
  return decodePhoto(await readBytes(path), path);
}

/** @throws {InputError} naming the file. */
export async function readBytes(path: string): Promise<Uint8Array> {
  try {
    return await readFile(path);
  } catch (cause) {
    throw new InputError(`${path} cannot be read: ${reason(cause)}`, { cause });
  }
}

/** As `readPhoto`, for bytes in memory; `name` is for messages. */
export async function decodePhoto(bytes: Uint8Array, name: string): Promise<Photo> {
  const facts = await readFacts(bytes, name);
  const plan = planDecoding(facts);
  const { exif, xmp } = facts.format === 'tiff' ? { exif: exifFromTiff(bytes), xmp: facts.xmp } : facts;
  try {
    const source = sharp(bytes, { ...OPTIONS, ignoreIcc: !plan.isConverted }).autoOrient();
    if (!facts.hasAlpha) source.removeAlpha();
    const { data, info } = await source
      .toColourspace(plan.space)
      .raw({ depth: plan.is16Bit ? 'ushort' : 'uchar' })
      .toBuffer({ resolveWithObject: true });
    const { width, height } = info;
    const samples = plan.is16Bit ? new Uint16Array(data.buffer, data.byteOffset, data.length / 2) : data;
    const upright = exif && uprightExif(exif, width, height);
    return {
      image: {
        ...(plan.isGreyAlpha ? greyAndAlpha(samples) : { data: samples, channels: info.channels }),
        width,
        height,
        ...(plan.profile && { profile: plan.profile }),
      },
      format: facts.format,
      ...(upright && { exif: upright }),
      ...(xmp && { xmp: uprightXmp(xmp) }),
      notes: plan.notes,
    };
  } catch (cause) {
    throw decodingError(name, cause);
  }
}

/** Of RGBA whose colours are grey. */
function greyAndAlpha(rgba: RasterImage['data']): { data: RasterImage['data']; channels: Channels } {
  const data = rgba.slice(0, rgba.length / 2);
  for (let from = 0, to = 0; from < rgba.length; from += 4, to += 2) {
    data[to] = rgba[from]!;
    data[to + 1] = rgba[from + 3]!;
  }
  return { data, channels: 2 };
}

const OPTIONS = { failOn: 'error', limitInputPixels: MAX_PIXELS } as const;

/** What the header says, once it is clear that this is a photo. */
async function readFacts(bytes: Uint8Array, name: string): Promise<FileFacts> {
  if (bytes.length === 0)
    throw new InputError(`${name} is empty (0 bytes). Copy it again from where it came from.`);
  let facts: FileFacts;
  try {
    facts = await sharp(bytes, OPTIONS).metadata();
  } catch (cause) {
    throw decodingError(name, cause);
  }
  const { format, compression, width, height } = facts;
  if (!READABLE_FORMATS.includes(format)) {
    throw new InputError(
      `${name} is ${String(format).toUpperCase()}, not a photo. Use JPEG, PNG, WebP, TIFF, AVIF or GIF.`,
    );
  }
  if (format === 'heif' && compression !== 'av1') {
    throw new InputError(`${name} is HEIC, which is not read here. Convert it to JPEG or PNG first.`);
  }
  if (width * height > MAX_PIXELS) {
    throw new InputError(
      `${name} is ${width} x ${height}, ${megapixels(width * height)} megapixels; photos of up to ` +
        `${megapixels(MAX_PIXELS)} megapixels are read. Make it smaller first.`,
    );
  }
  return facts;
}

const megapixels = (pixels: number): string => (pixels / 1e6).toFixed(0);

interface DecodingPlan {
  /** What sharp is asked for. */
  readonly space: 'srgb' | 'rgb16' | 'b-w' | 'grey16';
  readonly is16Bit: boolean;
  /** sharp gives grey without its alpha, so it is asked for RGBA. */
  readonly isGreyAlpha: boolean;
  /** Through the file's profile to sRGB, because the numbers as they are cannot be used. */
  readonly isConverted: boolean;
  readonly profile?: Uint8Array;
  readonly notes: readonly string[];
}

const COLOUR_SPACES = ['srgb', 'rgb', 'rgb16'];
const GREY_SPACES = ['b-w', 'grey16'];
const SPACES = { grey: { 8: 'b-w', 16: 'grey16' }, rgb: { 8: 'srgb', 16: 'rgb16' } } as const;

/** Numbers stay as they are wherever there is a way back to them. */
function planDecoding({ space, depth, pages = 1, icc, hasAlpha, gainMap }: FileFacts): DecodingPlan {
  const notes = pages > 1 ? [`has ${pages} frames or pages; only the first is used`] : [];
  if (gainMap) notes.push('has a gain map for HDR, which would not fit the new picture and is left out');
  const isGrey = GREY_SPACES.includes(space);
  const isGreyAlpha = isGrey && hasAlpha;
  const convert = (what: string): DecodingPlan => ({
    space: isGrey && !hasAlpha ? 'b-w' : 'srgb',
    is16Bit: false,
    isGreyAlpha,
    isConverted: true,
    notes: [...notes, `${what}; converted to sRGB, 8 bits a channel`],
  });
  if (!isGrey && !COLOUR_SPACES.includes(space)) return convert(`is ${space.toUpperCase()}`);
  if (depth !== 'uchar' && depth !== 'ushort') return convert(`has channels of type ${depth}`);
  if (icc && !isUsableProfile(icc, isGrey)) return convert('has a colour profile made of tables');
  const is16Bit = depth === 'ushort';
  return {
    space: SPACES[isGrey && !hasAlpha ? 'grey' : 'rgb'][is16Bit ? 16 : 8],
    is16Bit,
    isGreyAlpha,
    isConverted: false,
    ...(icc && { profile: icc }),
    notes,
  };
}

function decodingError(name: string, cause: unknown): InputError {
  const detail = reason(cause);
  if (/unsupported image format/i.test(detail)) {
    return new InputError(
      `${name} is not an image that can be read. Use JPEG, PNG, WebP, TIFF, AVIF or GIF.`,
      { cause },
    );
  }
  if (/pixel limit/i.test(detail)) {
    return new InputError(
      `${name} has more than ${megapixels(MAX_PIXELS)} megapixels, the most that is read. Make it smaller first.`,
      { cause },
    );
  }
  return new InputError(
    `${name} is damaged or cut short, so it cannot be decoded (${detail}). Copy it again from where it came from.`,
    { cause },
  );
}

export interface EncodeOptions {
  /** 1 to 100, for JPEG and WebP. */
  readonly quality?: number;
}

/** Bytes of an encoded photo and what could not be kept, in words for the user. */
export interface EncodedPhoto {
  readonly bytes: Uint8Array;
  readonly notes: readonly string[];
}

/**
 * Encodes new pixels for a photo with what the photo had: depth (where the format has it), channels,
 * transparency, colour profile, EXIF and XMP.
 *
 * @throws {InputError} when the format cannot hold a picture of this size.
 */
export async function encodePhoto(
  { image: given, exif, xmp }: Pick<Photo, 'image' | 'exif' | 'xmp'>,
  format: PhotoFormat,
  { quality = DEFAULT_QUALITY }: EncodeOptions = {},
): Promise<EncodedPhoto> {
  const image = format === 'webp' ? withoutGreyProfile(given) : given;
  const { width, height, channels, profile } = image;
  const notes: string[] = [];
  const holds16Bit = format === 'png' || format === 'tiff';
  if (image.data instanceof Uint16Array && !holds16Bit)
    notes.push(`${format.toUpperCase()} has 8 bits a channel; reduced to these`);
  const data = image.data instanceof Uint16Array && !holds16Bit ? reduceTo8Bits(image.data) : image.data;
  const picture = fromSamples(data, width, height, channels);
  const hasAlpha = channels % 2 === 0;
  if (hasAlpha && format === 'jpeg') {
    picture.flatten({ background: '#fff' });
    notes.push('JPEG has no transparency; put on white');
  }
  const optimiseCoding = width * height <= MAX_OPTIMISED_PIXELS;
  if (format === 'jpeg') picture.jpeg({ quality, chromaSubsampling: '4:4:4', optimiseCoding });
  else if (format === 'webp') picture.webp({ quality, exact: true });
  else if (format === 'tiff') picture.tiff({ compression: 'lzw', predictor: 'horizontal' });
  else picture.png();
  let encoded: Uint8Array;
  try {
    encoded = await picture.toBuffer();
  } catch (cause) {
    throw new InputError(
      `A picture of ${width} x ${height} cannot be written as ${format.toUpperCase()}: ${reason(cause)}. ` +
        'Choose PNG, or make the photo smaller.',
      { cause },
    );
  }
  const metadata: Metadata = { ...(exif && { exif }), ...(xmp && { xmp }), ...(profile && { profile }) };
  const tagged = await embedMetadata(encoded, format, metadata, { width, height, hasAlpha });
  return { bytes: tagged.bytes, notes: [...notes, ...tagged.notes] };
}

function fromSamples(data: RasterImage['data'], width: number, height: number, channels: Channels): Sharp {
  const is16Bit = data instanceof Uint16Array;
  const raw = { width, height, channels };
  // sharp tells 16 bits by the type of the array.
  const samples = is16Bit ? data : Buffer.from(data.buffer, data.byteOffset, data.byteLength);
  const picture = sharp(samples, { raw, limitInputPixels: MAX_PIXELS });
  if (channels < 3) return picture.toColourspace(is16Bit ? 'grey16' : 'b-w');
  return picture.toColourspace(is16Bit ? 'rgb16' : 'srgb');
}

/** WebP has no grey: its three equal channels are sRGB, and a profile of grey would not fit them. */
function withoutGreyProfile(image: Photo['image']): Photo['image'] {
  const { profile, ...plain } = image;
  if (!profile || image.channels > 2) return image;
  const [from, to] = [codecOf(image), codecOf(plain)];
  const data = image.data.slice();
  const rgb = new Float64Array(3);
  for (let at = 0; at < data.length; at += image.channels) {
    from.decode(image.data, at, rgb);
    to.encode(rgb, data, at);
  }
  return { ...plain, data };
}

/** Rounded: 65535 / 255 = 257. */
function reduceTo8Bits(data: Uint16Array): Uint8Array {
  const reduced = new Uint8Array(data.length);
  for (let i = 0; i < data.length; i++) reduced[i] = Math.round(data[i]! / 257);
  return reduced;
}
