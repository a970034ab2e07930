import { InputError } from '../../errors';
import { checkEncoding, formatOfPath, PHOTO_FORMATS, type PhotoFormat } from '../../photo/format';
import { decodePhoto, type EncodedPhoto, encodePhoto, type Photo, readPhoto } from '../../photo/node/photo';
import { Enhancer } from '../enhancer';
import type { EnhanceOptions } from '../enhancer-options';
import { publish } from './publish';

export interface EnhanceFileOptions extends EnhanceOptions {
  /** 1 to 100, for JPEG and WebP. Default: 92. */
  readonly quality?: number;
  /** Use the JPEG preview in a camera raw file, with a note. Default: refuse raw files. */
  readonly rawPreview?: boolean;
}

export interface EnhanceBytesOptions extends EnhanceFileOptions {
  /** Default: the photo's own, or PNG if that cannot be written. */
  readonly format?: PhotoFormat;
  /** How messages refer to the photo. */
  readonly name?: string;
}

/** The outcome for one file. */
export interface EnhancedFile {
  readonly width: number;
  readonly height: number;
  /** Losses, as text for the user. */
  readonly notes: readonly string[];
}

/** An encoded photo. */
export interface EnhancedBytes extends EnhancedFile {
  readonly bytes: Uint8Array;
  readonly format: PhotoFormat;
}

/**
 * Enhances the photo in one file into another, whose extension determines the format. Depth, channels, transparency,
 * colour profile, EXIF and XMP are kept; the picture is turned upright. The output is written whole or not at all. An
 * existing file is replaced unless `overwrite` is false.
 *
 * @throws {InputError} naming the file that cannot be read or written.
 * @throws {TakenError} when `overwrite` is false and the output exists by the time the result is ready.
 * @throws as `Enhancer.run`.
 */
export async function enhanceFile(
  enhancer: Enhancer,
  input: string,
  output: string,
  options: EnhanceFileOptions & { readonly overwrite?: boolean } = {},
): Promise<EnhancedFile> {
  checkCall(enhancer, options);
  if (typeof input !== 'string' || typeof output !== 'string')
    throw new InputError('enhanceFile takes an enhancer, the path of a photo and the path of the result.');
  const { overwrite = true, ...how } = options;
  const format = formatOfPath(output);
  checkEncoding(format, options.quality);
  const photo = await readPhoto(input, options);
  const { bytes, notes } = await enhancePhoto(enhancer, photo, format, how);
  await publish(output, bytes, { replace: overwrite });
  const { width, height } = photo.image;
  return { width, height, notes };
}

/** Like `enhanceFile`, but from and to the bytes of a file. */
export async function enhanceBytes(
  enhancer: Enhancer,
  input: Uint8Array,
  options: EnhanceBytesOptions = {},
): Promise<EnhancedBytes> {
  checkCall(enhancer, options);
  const { name = 'The photo', format: wanted, ...how } = options;
  // Strings are never treated as paths: data sent to a server must not name one of its files.
  if (!(input instanceof Uint8Array))
    throw new InputError('The photo must be the bytes of a file, as a Uint8Array.');
  checkEncoding(wanted, options.quality);
  const photo = await decodePhoto(input, name, options);
  const format = wanted ?? PHOTO_FORMATS.find((known) => known === photo.format) ?? 'png';
  const { bytes, notes } = await enhancePhoto(enhancer, photo, format, how);
  const { width, height } = photo.image;
  return { bytes, format, width, height, notes };
}

function checkCall(enhancer: Enhancer, options: object): void {
  if (!(enhancer instanceof Enhancer))
    throw new InputError('The first argument must be an enhancer: await Enhancer.create({ model }).');
  if (typeof options !== 'object' || options === null) throw new InputError('The options must be an object.');
}

async function enhancePhoto(
  enhancer: Enhancer,
  photo: Photo,
  format: PhotoFormat,
  { quality, rawPreview: _, ...options }: EnhanceFileOptions,
): Promise<EncodedPhoto> {
  const image = await enhancer.run(photo.image, { ...options, inPlace: true });
  const encoded = await encodePhoto({ ...photo, image }, format, quality === undefined ? {} : { quality });
  return { bytes: encoded.bytes, notes: [...photo.notes, ...encoded.notes] };
}
