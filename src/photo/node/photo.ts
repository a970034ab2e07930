import type { Sharp } from 'sharp';
import { InputError } from '../../errors';
import { readRegularFile } from '../../read-file-node';
import { reason } from '../../reason';
import { sharp } from '../../sharp-node';
import { embedMetadata } from '../embed-metadata';
import { checkEncoding, type PhotoFormat } from '../format';
import { type Channels, type CheckedImage, checkImage, type RasterImage } from '../image';
import { carriedMetadata } from '../inspect';
import type { Metadata } from '../metadata';
import { upright } from '../orient';
import { codecOf } from '../pixel-codec';
import { decodePixels } from './decode';
import { MAX_PIXELS, openPhoto } from './open';
import type { OpenOptions } from './open-options';

/** The metadata of a photo without the colour profile, which belongs to the image. */
export type PhotoMetadata = Omit<Metadata, 'profile'>;

/** A decoded photo, with everything that must return in the output. */
export interface Photo extends PhotoMetadata {
  /**
   * Upright, in the file's own numbers: depth, channels and colour space (`image.profile`). Only colours that cannot
   * be converted back, such as CMYK, are converted to sRGB.
   */
  readonly image: RasterImage & { readonly channels: Channels };
  /** Format of the file by sharp's name: `jpeg`, `png`, `webp`, `tiff`, `gif`, `heif`. */
  readonly format: string;
  /** Changes and losses when reading, as text for the user. */
  readonly notes: readonly string[];
}

const DEFAULT_QUALITY = 92;

/** Optimal Huffman tables need a second pass over all coefficients, which take twice the memory of the picture. */
const MAX_OPTIMISED_PIXELS = 2 ** 25;

/** @throws {InputError} naming the file: missing, unreadable, not a photo, damaged, or too large. */
export async function readPhoto(path: string, options: OpenOptions = {}): Promise<Photo> {
  return decodePhoto(await readBytes(path), path, options);
}

/** @throws {InputError} naming the file. */
export async function readBytes(path: string): Promise<Uint8Array> {
  try {
    return await readRegularFile(path);
  } catch (cause) {
    throw new InputError(`${path} cannot be read: ${reason(cause)}`, { cause });
  }
}

/** Like `readPhoto`, for bytes in memory, which are not modified; `name` is for messages. */
export async function decodePhoto(
  bytes: Uint8Array,
  name = 'The photo',
  options: OpenOptions = {},
): Promise<Photo> {
  if (!(bytes instanceof Uint8Array))
    throw new InputError('The photo must be the bytes of a file, as a Uint8Array. readPhoto takes a path.');
  const opened = await openPhoto(bytes, name, options);
  const { image, notes } = await decodePixels(opened, name);
  const { orientation, metadata: stored } = opened.file;
  const turned = upright(image, image.channels, orientation);
  const resolution = stored.resolution && orientation >= 5 ? swapped(stored.resolution) : stored.resolution;
  const { profile: _, ...given } = { ...stored, ...(resolution && { resolution }) };
  const carried = carriedMetadata(given, turned);
  const said = new Set([...opened.file.notes, ...opened.notes, ...notes, ...carried.notes]);
  return {
    ...carried.metadata,
    image: { ...image, ...turned },
    format: opened.facts.format,
    notes: [...said],
  };
}

const swapped = ({ x, y }: { x: number; y: number }) => ({ x: y, y: x });

export interface EncodeOptions {
  /** 1 to 100, for JPEG and WebP. */
  readonly quality?: number;
}

/** The bytes of an encoded photo, and losses as text for the user. */
export interface EncodedPhoto {
  readonly bytes: Uint8Array;
  readonly notes: readonly string[];
}

/**
 * Encodes new pixels for a photo with the photo's depth (if the format allows), channels, transparency, colour
 * profile and metadata.
 *
 * @throws {InputError} when the format cannot hold a picture of this size.
 */
export async function encodePhoto(
  photo: { readonly image: RasterImage } & PhotoMetadata,
  format: PhotoFormat,
  options: EncodeOptions = {},
): Promise<EncodedPhoto> {
  if (
    typeof photo?.image !== 'object' ||
    photo.image === null ||
    typeof options !== 'object' ||
    options === null
  )
    throw new InputError('encodePhoto takes { image, ...metadata }, a format, and an object of options.');
  checkEncoding(format, options?.quality);
  const { quality = DEFAULT_QUALITY } = options;
  const { image: raster, ...metadata } = photo;
  const given = checkImage(raster);
  const image = format === 'webp' ? withoutGreyProfile(given) : given;
  const { width, height, channels, profile } = image;
  const notes: string[] = [];
  const holds16Bit = format === 'png' || format === 'tiff';
  if (image.data instanceof Uint16Array && !holds16Bit)
    notes.push(`${format.toUpperCase()} has only 8 bits a channel; reduced to 8 bits`);
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
  const size = { width, height, hasAlpha };
  const tagged = await embedMetadata(encoded, format, { ...metadata, ...(profile && { profile }) }, size);
  return { bytes: tagged.bytes, notes: [...notes, ...tagged.notes] };
}

function fromSamples(data: RasterImage['data'], width: number, height: number, channels: Channels): Sharp {
  const is16Bit = data instanceof Uint16Array;
  const raw = { width, height, channels };
  // sharp recognises 16 bits by the type of the array.
  const samples = is16Bit ? data : Buffer.from(data.buffer, data.byteOffset, data.byteLength);
  const picture = sharp(samples, { raw, limitInputPixels: MAX_PIXELS });
  if (channels < 3) return picture.toColourspace(is16Bit ? 'grey16' : 'b-w');
  return picture.toColourspace(is16Bit ? 'rgb16' : 'srgb');
}

/** WebP has no grey: the three equal channels are sRGB, which a grey profile would not fit. */
function withoutGreyProfile(image: CheckedImage): CheckedImage {
  const { profile, ...plain } = image;
  if (!profile || image.channels > 2) return image;
  const [from, to] = [codecOf(image), codecOf(plain)];
  const data = image.data instanceof Uint16Array ? new Uint16Array(image.data) : new Uint8Array(image.data);
  const rgb = new Float64Array(3);
  for (let at = 0; at < data.length; at += image.channels) {
    from.decode(image.data, at, rgb);
    to.encode(rgb, data, at);
  }
  return { ...plain, data };
}

/** Rounded division by 65535 / 255 = 257. */
function reduceTo8Bits(data: Uint16Array): Uint8Array {
  const reduced = new Uint8Array(data.length);
  for (let i = 0; i < data.length; i++) reduced[i] = Math.round(data[i]! / 257);
  return reduced;
}
