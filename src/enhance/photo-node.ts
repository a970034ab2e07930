import { randomBytes } from 'node:crypto';
import { readFile, rename, rm, writeFile } from 'node:fs/promises';
import { dirname, extname, join } from 'node:path';
import sharp, { type Metadata } from 'sharp';
import { InputError } from '../errors';
import { embedExif, uprightExif } from './exif';
import type { RgbaImage } from './image';
import { reason } from './reason';

/** Formats that are written. */
export type PhotoFormat = 'jpeg' | 'png' | 'webp';

/** A decoded photo with what must come back in the output. */
export interface Photo {
  /** Upright, converted to sRGB, 8 bits. */
  readonly image: RgbaImage;
  /** Format of the file as sharp names it: `jpeg`, `png`, `webp`, `tiff`, `gif`, `heif`. */
  readonly format: string;
  readonly hasAlpha: boolean;
  readonly isGrey: boolean;
  /** The file had an ICC profile. The pixels are sRGB now, so the output gets the sRGB profile. */
  readonly hasProfile: boolean;
  readonly exif?: Uint8Array;
  /** What the reader had to change or leave out, in words for the user. */
  readonly notes: readonly string[];
}

const READABLE_FORMATS = ['jpeg', 'png', 'webp', 'tiff', 'gif', 'heif'];
const FORMAT_OF_EXTENSION: Readonly<Record<string, PhotoFormat>> = {
  '.jpg': 'jpeg',
  '.jpeg': 'jpeg',
  '.png': 'png',
  '.webp': 'webp',
};

/** File name extensions that are taken for photos when a folder is searched. */
export const PHOTO_EXTENSIONS: readonly string[] = [
  ...Object.keys(FORMAT_OF_EXTENSION),
  '.tif',
  '.tiff',
  '.avif',
  '.gif',
];

/** Pixels of the largest photo that is decoded: sharp's own bound, a guard against decompression bombs. */
const MAX_PIXELS = 0x3fff * 0x3fff;

const DEFAULT_QUALITY = 92;

/** @throws {InputError} naming the file: missing, unreadable, not a photo, damaged, or too large. */
export async function readPhoto(path: string): Promise<Photo> {
  let bytes: Buffer;
  try {
    bytes = await readFile(path);
  } catch (cause) {
    throw new InputError(`${path} cannot be read: ${reason(cause)}`, { cause });
  }
  return decodePhoto(bytes, path);
}

/** As `readPhoto`, for bytes in memory; `name` is for messages. */
export async function decodePhoto(bytes: Uint8Array, name: string): Promise<Photo> {
  if (bytes.length === 0)
    throw new InputError(`${name} is empty (0 bytes). Copy it again from where it came from.`);
  const source = sharp(bytes, { failOn: 'error', limitInputPixels: MAX_PIXELS });
  let metadata: Metadata;
  try {
    metadata = await source.metadata();
  } catch (cause) {
    throw decodingError(name, cause);
  }
  if (!READABLE_FORMATS.includes(metadata.format ?? '')) {
    throw new InputError(
      `${name} is ${String(metadata.format).toUpperCase()}, not a photo. Use JPEG, PNG, WebP, TIFF, AVIF or GIF.`,
    );
  }
  checkPixels(name, metadata);
  try {
    const { data, info } = await source
      .autoOrient()
      .toColourspace('srgb')
      .ensureAlpha()
      .raw({ depth: 'uchar' })
      .toBuffer({ resolveWithObject: true });
    const exif = metadata.exif && uprightExif(metadata.exif, info.width, info.height);
    return {
      image: { data, width: info.width, height: info.height },
      format: metadata.format ?? 'unknown',
      hasAlpha: metadata.hasAlpha ?? false,
      isGrey: metadata.space === 'b-w' || metadata.space === 'grey16',
      hasProfile: metadata.hasProfile ?? false,
      ...(exif && { exif }),
      notes: decodingNotes(metadata),
    };
  } catch (cause) {
    throw decodingError(name, cause);
  }
}

function checkPixels(name: string, { width, height }: Metadata): void {
  if (width * height <= MAX_PIXELS) return;
  throw new InputError(
    `${name} is ${width} x ${height}, ${megapixels(width * height)} megapixels; photos of up to ` +
      `${megapixels(MAX_PIXELS)} megapixels are read. Make it smaller first.`,
  );
}

const megapixels = (pixels: number): string => (pixels / 1e6).toFixed(0);

function decodingNotes(metadata: Metadata): string[] {
  const notes: string[] = [];
  if ((metadata.pages ?? 1) > 1) notes.push(`has ${metadata.pages} frames or pages; only the first is used`);
  if (metadata.depth && metadata.depth !== 'uchar')
    notes.push('has more than 8 bits a channel; reduced to 8');
  return notes;
}

function decodingError(name: string, cause: unknown): InputError {
  const detail = reason(cause);
  if (/unsupported image format/i.test(detail)) {
    return new InputError(
      `${name} is not an image that can be read. Use JPEG, PNG, WebP, TIFF, AVIF or GIF.`,
      {
        cause,
      },
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

/**
 * The format that a file name asks for.
 *
 * @throws {InputError} for an extension that is not written.
 */
export function formatOfPath(path: string): PhotoFormat {
  const format = FORMAT_OF_EXTENSION[extname(path).toLowerCase()];
  if (!format) {
    throw new InputError(
      `${path}: photos are written as ${Object.keys(FORMAT_OF_EXTENSION).join(', ')}. Choose one of these extensions.`,
    );
  }
  return format;
}

/**
 * The extension for a photo that had `extension`: the same where that fits the format (or, without a format, is
 * one that is written), else the format's own; PNG keeps all of a photo that came as something else.
 */
export function writableExtension(extension: string, format?: PhotoFormat): string {
  const own = FORMAT_OF_EXTENSION[extension.toLowerCase()];
  if (own && (format === undefined || own === format)) return extension;
  return { jpeg: '.jpg', png: '.png', webp: '.webp' }[format ?? 'png'];
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
 * Encodes new pixels for a photo with what the photo had: transparency, EXIF (upright now), an sRGB profile if
 * there was a profile, and one channel if it was grey.
 *
 * @throws {InputError} when the format cannot hold a picture of this size.
 */
export async function encodePhoto(
  photo: Omit<Photo, 'notes' | 'format'>,
  format: PhotoFormat,
  { quality = DEFAULT_QUALITY }: EncodeOptions = {},
): Promise<EncodedPhoto> {
  const { data, width, height } = photo.image;
  const losesAlpha = photo.hasAlpha && format === 'jpeg';
  const pixels = Buffer.from(data.buffer, data.byteOffset, data.byteLength);
  const picture = sharp(pixels, { raw: { width, height, channels: 4 }, limitInputPixels: MAX_PIXELS });
  if (losesAlpha) picture.flatten({ background: '#fff' });
  if (!photo.hasAlpha) picture.removeAlpha();
  if (photo.isGrey) picture.toColourspace('b-w');
  else if (photo.hasProfile) picture.withIccProfile('srgb');
  if (format === 'jpeg') picture.jpeg({ quality, chromaSubsampling: '4:4:4' });
  else if (format === 'webp') picture.webp({ quality, exact: true });
  else picture.png();
  let bytes: Uint8Array;
  try {
    bytes = await picture.toBuffer();
  } catch (cause) {
    throw new InputError(
      `A picture of ${width} x ${height} cannot be written as ${format.toUpperCase()}: ${reason(cause)}. ` +
        'Choose PNG, or make the photo smaller.',
      { cause },
    );
  }
  const notes = losesAlpha ? ['JPEG has no transparency; put on white'] : [];
  if (photo.exif) bytes = embedExif(bytes, format, photo.exif, { width, height, hasAlpha: photo.hasAlpha });
  return { bytes, notes };
}

/**
 * Writes a file so that it is whole or not there at all: beside its place first, then renamed.
 *
 * @throws {InputError} naming the file, when the folder is missing, read-only or full.
 */
export async function writeWhole(path: string, bytes: Uint8Array): Promise<void> {
  const beside = join(dirname(path), `.glocal-${randomBytes(6).toString('hex')}.part`);
  try {
    await writeFile(beside, bytes, { flag: 'wx' });
    await rename(beside, path);
  } catch (cause) {
    await rm(beside, { force: true }).catch(() => undefined);
    throw new InputError(
      `${path} cannot be written: ${reason(cause)}. Choose another output folder with -o.`,
      { cause },
    );
  }
}
