import { InputError } from '../errors';

/** Formats that can be written. */
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

/** File extensions treated as photos when searching a folder. */
export const PHOTO_EXTENSIONS: readonly string[] = [...Object.keys(FORMAT_OF_EXTENSION), '.avif', '.gif'];

/** Names that some sites and programs give to sizes of a JPEG: `.jpg_large`, `.jpg-small`. */
const SIZED_JPEG = /^\.jpe?g[_-][a-z]+$/i;

/** Whether files with this extension are treated as photos when searching a folder. */
export const isPhotoExtension = (extension: string): boolean =>
  PHOTO_EXTENSIONS.includes(extension.toLowerCase()) || SIZED_JPEG.test(extension);

const RAW = /^\.(dng|cr[23w]|nef|nrw|ar[wq]|sr[2fw]|raf|orf|rw[2l]|pef|x3f|3fr|erf|kdc|mrw|iiq)$/i;

/** Whether files with this extension are camera raw files. */
export const isRawExtension = (extension: string): boolean => RAW.test(extension);

/** Picture formats that are not supported. */
const OTHER_PICTURES = /^\.(hei[cf]s?|hif|bmp|dib|jxl|jp2|j2k|jpx|psd|xcf|tga|ico)$/i;

/** Whether files with this extension are pictures that a folder search skips but mentions. */
export const isOtherPicture = (extension: string): boolean =>
  RAW.test(extension) || OTHER_PICTURES.test(extension);

/** Includes the dot, in the original case; empty if there is none. A name like `.jpg` has none. */
export const extensionOf = (path: string): string => /[^/\\](\.[^./\\]*)$/.exec(path)?.[1] ?? '';

/** The format that a file name asks for, if it can be written. */
export const knownFormatOf = (path: string): PhotoFormat | undefined =>
  FORMAT_OF_EXTENSION[extensionOf(path).toLowerCase()];

/**
 * The format that a file name asks for.
 *
 * @throws {InputError} for an extension that cannot be written.
 */
export function formatOfPath(path: string): PhotoFormat {
  const format = typeof path === 'string' ? knownFormatOf(path) : undefined;
  if (format) return format;
  throw new InputError(
    `${path}: photos are written as .jpg, .png, .webp or .tif. Choose one of these extensions.`,
  );
}

/**
 * The extension for the result of a photo that had `extension`: the same if it fits the format (or, without a format,
 * if it can be written), otherwise the format's own. PNG is the default because it keeps everything.
 */
export function writableExtension(extension: string, format?: PhotoFormat): string {
  const own = FORMAT_OF_EXTENSION[extension.toLowerCase()];
  if (SIZED_JPEG.test(extension) && format === undefined) return '.jpg';
  if (own && (format === undefined || own === format)) return extension;
  return { jpeg: '.jpg', png: '.png', webp: '.webp', tiff: '.tif' }[format ?? 'png'];
}

/** @throws {InputError} for a format that cannot be written, or a quality out of range. */
export function checkEncoding(format: unknown, quality: unknown): void {
  if (format !== undefined && !(PHOTO_FORMATS as readonly unknown[]).includes(format))
    throw new InputError(`format is "${String(format)}". Give one of ${PHOTO_FORMATS.join(', ')}.`);
  if (quality !== undefined && !(Number.isInteger(quality) && Number(quality) >= 1 && Number(quality) <= 100))
    throw new InputError(`quality is ${String(quality)}. Give a whole number from 1 to 100.`);
}
