import { InputError } from '../../errors';
import { embedMetadata } from '../embed-metadata';
import type { PhotoFormat } from '../format';
import { readImageHeader } from '../image-header';
import { carriedMetadata, inspectPhoto, type PhotoFile } from '../inspect';
import type { ContainerFormat, Metadata } from '../metadata';
import { canvas2d, readBytes } from './decode';

/** Formats that browsers can write. */
const FORMATS: Readonly<Record<string, ContainerFormat>> = {
  'image/jpeg': 'jpeg',
  'image/png': 'png',
  'image/webp': 'webp',
};

const DEFAULT_QUALITY = 92;

interface EncodeImageOptions {
  /** Default: the photo's own if browsers write it; otherwise JPEG, or PNG for a picture with transparency. */
  readonly format?: PhotoFormat;
  /** 1 to 100, for JPEG and WebP. */
  readonly quality?: number;
  /** The original file, whose metadata is kept. */
  readonly photo?: Blob;
}

/**
 * Encodes a picture. The profile is the browser's own for the picture's colour space. In JPEG, transparent areas
 * become white.
 *
 * @throws {InputError} when the browser does not write the format.
 */
export async function encodeImage(
  image: ImageData,
  { format, quality = DEFAULT_QUALITY, photo }: EncodeImageOptions = {},
): Promise<Blob> {
  const type = format ? `image/${format}` : null;
  const encoded = await encodeAs(image, { type, quality: quality / 100, photo });
  if (format && encoded.type !== type) {
    throw new InputError(`This browser does not write ${format.toUpperCase()}. Ask for png or jpeg.`);
  }
  return encoded;
}

/** How `encodeAs` encodes. */
interface BlobEncoding {
  /** A MIME type; null: as for `EncodeImageOptions` without a format. */
  readonly type: string | null;
  /** 0 to 1, for JPEG and WebP. */
  readonly quality: number;
  readonly photo?: Blob | undefined;
}

/** The same, by MIME type. A browser that cannot write a type writes PNG, as the result's type shows. */
export async function encodeAs(
  image: ImageData,
  { type: wanted, quality, photo }: BlobEncoding,
): Promise<Blob> {
  const source = photo && (await readBytes(photo));
  const hasAlpha = isTransparent(image.data);
  const type = wanted ?? ownType(source, hasAlpha);
  const context = canvas2d(image, image.colorSpace);
  context.putImageData(image, 0, 0);
  if (type === 'image/jpeg' && hasAlpha) {
    context.globalCompositeOperation = 'destination-over';
    context.fillStyle = '#fff';
    context.fillRect(0, 0, image.width, image.height);
  }
  const encoded = await context.canvas.convertToBlob({ type, quality });
  const written = FORMATS[encoded.type];
  if (!source || !written) return encoded;
  // The browser has already embedded its own profile for the encoded colour space.
  const { profile: _, ...kept } = carriedMetadata(upright(await inspectPhoto(source)), image).metadata;
  const size = { width: image.width, height: image.height, hasAlpha };
  const { bytes } = await embedMetadata(await readBytes(encoded), written, kept, size);
  return new Blob([new Uint8Array(bytes)], { type: encoded.type });
}

function ownType(source: Uint8Array | undefined, hasAlpha: boolean): string {
  const type = source && readImageHeader(source).type;
  if (type && type in FORMATS) return type;
  return hasAlpha ? 'image/png' : 'image/jpeg';
}

/** Turning also swaps the horizontal and vertical resolution. */
function upright({ metadata, orientation }: PhotoFile): Metadata {
  const { resolution } = metadata;
  if (!resolution || orientation < 5) return metadata;
  return { ...metadata, resolution: { x: resolution.y, y: resolution.x } };
}

function isTransparent(rgba: ArrayLike<number>): boolean {
  for (let i = 3; i < rgba.length; i += 4) if (rgba[i] !== 255) return true;
  return false;
}
