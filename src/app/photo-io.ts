import { embedMetadata, uprightXmp } from '../photo/embed-metadata';
import { uprightExif } from '../photo/exif';
import { findMetadata } from '../photo/find-metadata';
import { readImageHeader } from '../photo/image-header';
import type { ContainerFormat, Metadata } from '../photo/metadata';
import { isWiderThanSrgb } from '../photo/wide-gamut';
import { type Enhanced, type Picture, ProblemError } from './protocol';

/** Longer side of the picture that the viewer draws while a photo is shown smaller than that. */
const PREVIEW_SIDE = 2048;

/** What canvases hold in today's browsers. */
const MAX_SIDE = 16384;
const MAX_PIXELS = 2 ** 28;

/** What browsers can write. Where one cannot write WebP it writes PNG, and the type of the result says so. */
const FORMATS: Readonly<Record<string, ContainerFormat>> = {
  'image/jpeg': 'jpeg',
  'image/png': 'png',
  'image/webp': 'webp',
};

const JPEG_QUALITY = 0.92;

/** Decodes a photo upright. The caller closes the bitmap. */
export async function decode(file: Blob): Promise<ImageBitmap> {
  const header = readImageHeader(await readBytes(file));
  if (!header.complete) throw new ProblemError({ kind: 'truncated' });
  if (header.size) checkSize(header.size);
  let bitmap: ImageBitmap;
  try {
    bitmap = await createImageBitmap(file, { imageOrientation: 'from-image' });
  } catch {
    throw new ProblemError({ kind: header.type ? 'undecodable' : 'not-an-image' });
  }
  checkSize(bitmap);
  return bitmap;
}

/**
 * Decodes a photo upright to RGBA of 8 bits. Its colours are sRGB, or Display P3 for a photo whose profile goes
 * beyond sRGB, where the browser has canvases of that kind.
 */
export async function decodePixels(file: Blob): Promise<ImageData> {
  const bitmap = await decode(file);
  try {
    const { profile } = await findMetadata(await readBytes(file));
    const colorSpace = profile && isWiderThanSrgb(profile) ? 'display-p3' : 'srgb';
    const context = canvas2d(bitmap, colorSpace);
    context.drawImage(bitmap, 0, 0);
    return context.getImageData(0, 0, bitmap.width, bitmap.height);
  } finally {
    bitmap.close();
  }
}

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
 * browsers can write it. Otherwise JPEG, or PNG for a photo with transparency. EXIF and XMP data are kept; the
 * colour profile is the browser's own for the colour space.
 */
export async function encode(file: Blob, enhanced: Enhanced, strength: number): Promise<Blob> {
  const image = await toImageData(enhanced);
  if (strength < 1) blend((await decodePixels(file)).data, image.data, strength);
  const context = canvas2d(image, enhanced.colorSpace);
  context.putImageData(image, 0, 0);
  const source = await readBytes(file);
  const hasAlpha = isTransparent(image.data);
  const type = outputType(readImageHeader(source).type, hasAlpha);
  const encoded = await context.canvas.convertToBlob({ type, quality: JPEG_QUALITY });
  const format = FORMATS[encoded.type];
  if (!format) return encoded;
  const metadata = uprightMetadata(await findMetadata(source), image);
  const size = { width: image.width, height: image.height, hasAlpha };
  const { bytes } = await embedMetadata(await readBytes(encoded), format, metadata, size);
  return new Blob([new Uint8Array(bytes)], { type: encoded.type });
}

/** The picture is upright now, and a turn has swapped its sides. A damaged block is left out. */
function uprightMetadata({ exif, xmp }: Metadata, { width, height }: ImageData): Metadata {
  const upright = exif && uprightExif(exif, width, height);
  return { ...(upright && { exif: upright }), ...(xmp && { xmp: uprightXmp(xmp) }) };
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

async function readBytes(file: Blob): Promise<Uint8Array<ArrayBuffer>> {
  return new Uint8Array(await file.arrayBuffer());
}

interface Size {
  readonly width: number;
  readonly height: number;
}

function checkSize({ width, height }: Size): void {
  if (Math.max(width, height) <= MAX_SIDE && width * height <= MAX_PIXELS) return;
  throw new ProblemError({ kind: 'too-large', detail: `${width} × ${height} pixels` });
}

function canvas2d(
  { width, height }: Size,
  colorSpace: PredefinedColorSpace,
): OffscreenCanvasRenderingContext2D {
  const canvas = new OffscreenCanvas(width, height);
  const context = canvas.getContext('2d', { colorSpace, willReadFrequently: true });
  if (!context) throw new ProblemError({ kind: 'too-large', detail: `${width} × ${height} pixels` });
  return context;
}
