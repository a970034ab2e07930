import { InputError } from '../errors';

/** Formats that are written. */
export type PhotoFormat = 'jpeg' | 'png' | 'webp' | 'tiff';

export const PHOTO_FORMATS: readonly PhotoFormat[] = ['jpeg', 'png', 'webp', 'tiff'];

const FORMAT_OF_EXTENSION: Readonly<Record<string, PhotoFormat>> = {
  '.jpg': 'jpeg',
  '.jpeg': 'jpeg',
  '.jpe': 'jpeg',
  '.jfif': 'jpeg',
  '.jfi': 'jpeg',
  '.jif': 'jpeg',
  '.pjpeg': 'jpeg',
  '.pjp': 'jpeg',
  '.png': 'png',
  '.webp': 'webp',
  '.tif': 'tiff',
  '.tiff': 'tiff',
};

/** File name extensions that are taken for photos when a folder is searched. */
export const PHOTO_EXTENSIONS: readonly string[] = [...Object.keys(FORMAT_OF_EXTENSION), '.avif', '.gif'];

/** As some sites and programs call the sizes of a JPEG: `.jpg_large`, `.jpg-small`. */
const SIZED_JPEG = /^\.jpe?g[_-][a-z]+$/i;

/** Whether a file of this extension is taken for a photo when a folder is searched. */
export const isPhotoExtension = (extension: string): boolean =>
  PHOTO_EXTENSIONS.includes(extension.toLowerCase()) || SIZED_JPEG.test(extension);

const RAW = /^\.(dng|cr[23w]|nef|nrw|ar[wq]|sr[2fw]|raf|orf|rw[2l]|pef|x3f|3fr|erf|kdc|mrw|iiq)$/i;

/** Whether a file of this extension is a raw file of a camera. */
export const isRawExtension = (extension: string): boolean => RAW.test(extension);

/** Pictures that are no photos here. */
const OTHER_PICTURES = /^\.(hei[cf]s?|hif|bmp|dib|jxl|jp2|j2k|jpx|psd|xcf|tga|ico)$/i;

/** Whether a file of this extension is a picture that a search of a folder passes over, but not without a word. */
export const isOtherPicture = (extension: string): boolean =>
  RAW.test(extension) || OTHER_PICTURES.test(extension);

/** With its dot, as the name has it; empty without one. A name like `.jpg` has none. */
export const extensionOf = (path: string): string => /[^/\\](\.[^./\\]*)$/.exec(path)?.[1] ?? '';

/** The format that a file name asks for, if it is one that is written. */
export const knownFormatOf = (path: string): PhotoFormat | undefined =>
  FORMAT_OF_EXTENSION[extensionOf(path).toLowerCase()];

/**
 * The format that a file name asks for.
 *
 * @throws {InputError} for an extension that is not written.
 */
export function formatOfPath(path: string): PhotoFormat {
  const format = typeof path === 'string' ? knownFormatOf(path) : undefined;
  if (format) return format;
  throw new InputError(
    `${path}: photos are written as .jpg, .png, .webp or .tif. Choose one of these extensions.`,
  );
}

/**
 * The extension for a photo that had `extension`: the same where that fits the format (or, without a format, is
 * one that is written), else the format's own; PNG keeps all of a photo that came as something else.
 */
export function writableExtension(extension: string, format?: PhotoFormat): string {
  const own = FORMAT_OF_EXTENSION[extension.toLowerCase()];
  if (SIZED_JPEG.test(extension) && format === undefined) return '.jpg';
  if (own && (format === undefined || own === format)) return extension;
  return { jpeg: '.jpg', png: '.png', webp: '.webp', tiff: '.tif' }[format ?? 'png'];
}

/** @throws {InputError} for a format that is not written, or a quality out of range. */
export function checkEncoding(format: unknown, quality: unknown): void {
  if (format !== undefined && !(PHOTO_FORMATS as readonly unknown[]).includes(format))
    throw new InputError(`format is «${String(format)}». Give one of ${PHOTO_FORMATS.join(', ')}.`);
  if (quality !== undefined && !(Number.isInteger(quality) && Number(quality) >= 1 && Number(quality) <= 100))
    throw new InputError(`quality is ${String(quality)}. Give a whole number from 1 to 100.`);
}
