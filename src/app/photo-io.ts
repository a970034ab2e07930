import { embedMetadata } from '../photo/embed-metadata';
import { readImageHeader } from '../photo/image-header';
import { carriedMetadata, inspectPhoto, type PhotoFile } from '../photo/inspect';
import { colourOfHeif } from '../photo/isobmff';
import type { ContainerFormat, Metadata } from '../photo/metadata';
import { canvas2d, decodeFile, readBytes } from '../photo/web/decode';
import type { Enhanced, Picture } from './protocol';

/** Longer side of the picture that the viewer draws while a photo is shown smaller than that. */
const PREVIEW_SIDE = 2048;

/** What browsers can write. Where one cannot write WebP it writes PNG, and the type of the result says so. */
const FORMATS: Readonly<Record<string, ContainerFormat>> = {
  'image/jpeg': 'jpeg',
  'image/png': 'png',
  'image/webp': 'webp',
};

const JPEG_QUALITY = 0.92;

/** Decodes a photo upright. The caller closes the bitmap. */
export async function decode(file: Blob): Promise<ImageBitmap> {
  return (await decodeFile(file)).bitmap;
}

/** Pixels of a photo, and what the page cannot keep of it, in words for the user. */
export interface DecodedPixels {
  readonly image: ImageData;
  readonly notes: readonly string[];
}

/**
 * Decodes a photo upright to RGBA of 8 bits. Its colours are sRGB, or Display P3 for a photo whose colours go
 * beyond sRGB, where the browser has canvases of that kind.
 */
export async function decodePixels(blob: Blob): Promise<DecodedPixels> {
  const { bitmap, file, colorSpace } = await decodeFile(blob);
  try {
    const context = canvas2d(bitmap, colorSpace);
    context.drawImage(bitmap, 0, 0);
    const image = context.getImageData(0, 0, bitmap.width, bitmap.height);
    const bytes = await readBytes(blob);
    const notes = [...file.notes, ...carriedMetadata(file.metadata, image).notes];
    if (file.colour?.hdr) notes.push(`is HDR (${file.colour.hdr}); the browser brought it to standard range`);
    if (isDeep(file, bytes))
      notes.push('has more than 8 bits a channel; this page works in 8, the command line in 16');
    return { image, notes };
  } finally {
    bitmap.close();
  }
}

/** More than 8 bits a channel. */
const isDeep = ({ header }: PhotoFile, bytes: Uint8Array): boolean =>
  header.type === 'image/png' ? bytes[24] === 16 : (colourOfHeif(bytes).depth ?? 8) > 8;

/** A picture of at most `side` pixels on its longer side. */
export async function makeThumbnail(file: Blob, side: number): Promise<ImageBitmap> {
  const bitmap = await decode(file);
  const small = await shrink(bitmap, side);
  if (small !== bitmap) bitmap.close();
  return small;
}

export async function openPicture(file: Blob): Promise<Picture> {
  return toPicture(await decode(file));
}

export async function openEnhanced(enhanced: Enhanced): Promise<Picture> {
  return toPicture(await createImageBitmap(await toImageData(enhanced)));
}

/**
 * The file to save: the photo moved towards its enhanced version by `strength`, in the photo's own format where
 * browsers can write it. Otherwise JPEG, or PNG for a photo with transparency. Metadata are kept; the
 * colour profile is the browser's own for the colour space.
 */
export async function encode(file: Blob, enhanced: Enhanced, strength: number): Promise<Blob> {
  const image = await toImageData(enhanced);
  if (strength < 1) blend((await decodePixels(file)).image.data, image.data, strength);
  const context = canvas2d(image, enhanced.colorSpace);
  context.putImageData(image, 0, 0);
  const source = await readBytes(file);
  const hasAlpha = isTransparent(image.data);
  const type = outputType(readImageHeader(source).type, hasAlpha);
  const encoded = await context.canvas.convertToBlob({ type, quality: JPEG_QUALITY });
  const format = FORMATS[encoded.type];
  if (!format) return encoded;
  const found = await inspectPhoto(source);
  // The browser's own profile is of the colour space that it encoded.
  const { profile: _, ...kept } = carriedMetadata(upright(found), image).metadata;
  const size = { width: image.width, height: image.height, hasAlpha };
  const { bytes } = await embedMetadata(await readBytes(encoded), format, kept, size);
  return new Blob([new Uint8Array(bytes)], { type: encoded.type });
}

/** A turn swaps the resolutions across and down too. */
function upright({ metadata, orientation }: PhotoFile): Metadata {
  const { resolution } = metadata;
  if (!resolution || orientation < 5) return metadata;
  return { ...metadata, resolution: { x: resolution.y, y: resolution.x } };
}

/** Moves `pixels` back towards `original` in place: original + strength (pixels - original), rounded. */
export function blend(original: Uint8ClampedArray, pixels: Uint8ClampedArray, strength: number): void {
  for (let i = 0; i < pixels.length; i++) {
    const from = original[i]!;
    pixels[i] = from + strength * (pixels[i]! - from);
  }
}

function outputType(type: string | null, hasAlpha: boolean): string {
  if (type !== null && type in FORMATS) return type;
  return hasAlpha ? 'image/png' : 'image/jpeg';
}

function isTransparent(rgba: Uint8ClampedArray): boolean {
  for (let i = 3; i < rgba.length; i += 4) if (rgba[i] !== 255) return true;
  return false;
}

async function toImageData({ pixels, width, height, colorSpace }: Enhanced): Promise<ImageData> {
  return new ImageData(new Uint8ClampedArray(await pixels.arrayBuffer()), width, height, { colorSpace });
}

async function toPicture(full: ImageBitmap): Promise<Picture> {
  return { full, preview: await shrink(full, PREVIEW_SIDE) };
}

/** The bitmap itself when it is small enough already. */
async function shrink(bitmap: ImageBitmap, side: number): Promise<ImageBitmap> {
  const scale = side / Math.max(bitmap.width, bitmap.height);
  if (scale >= 1) return bitmap;
  return createImageBitmap(bitmap, {
    resizeWidth: Math.max(1, Math.round(bitmap.width * scale)),
    resizeHeight: Math.max(1, Math.round(bitmap.height * scale)),
    resizeQuality: 'high',
  });
}
