import { readImageHeader } from './image-header';
import { type Enhanced, type Picture, ProblemError } from './protocol';

/** Longer side of the picture that the viewer draws while a photo is shown smaller than that. */
const PREVIEW_SIDE = 2048;

/** What canvases hold in today's browsers. */
const MAX_SIDE = 16384;
const MAX_PIXELS = 2 ** 28;

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

/** Decodes a photo upright to RGBA, 8 bit, sRGB. */
export async function decodePixels(file: Blob): Promise<ImageData> {
  const bitmap = await decode(file);
  try {
    const context = canvas2d(bitmap.width, bitmap.height);
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
 * browsers can write it. Otherwise JPEG, or PNG for a photo with transparency.
 */
export async function encode(file: Blob, enhanced: Enhanced, strength: number): Promise<Blob> {
  const image = await toImageData(enhanced);
  if (strength < 1) blend((await decodePixels(file)).data, image.data, strength);
  const context = canvas2d(image.width, image.height);
  context.putImageData(image, 0, 0);
  const { type } = readImageHeader(await readBytes(file));
  return context.canvas.convertToBlob({ type: outputType(type, image.data), quality: JPEG_QUALITY });
}

/** Moves `pixels` back towards `original` in place: original + strength (pixels - original), rounded. */
export function blend(original: Uint8ClampedArray, pixels: Uint8ClampedArray, strength: number): void {
  for (let i = 0; i < pixels.length; i++) {
    const from = original[i]!;
    pixels[i] = from + strength * (pixels[i]! - from);
  }
}

function outputType(type: string | null, rgba: Uint8ClampedArray): string {
  if (type === 'image/jpeg' || type === 'image/png' || type === 'image/webp') return type;
  for (let i = 3; i < rgba.length; i += 4) if (rgba[i] !== 255) return 'image/png';
  return 'image/jpeg';
}

async function toImageData({ pixels, width, height }: Enhanced): Promise<ImageData> {
  return new ImageData(new Uint8ClampedArray(await pixels.arrayBuffer()), width, height);
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

function checkSize({ width, height }: { width: number; height: number }): void {
  if (Math.max(width, height) <= MAX_SIDE && width * height <= MAX_PIXELS) return;
  throw new ProblemError({ kind: 'too-large', detail: `${width} × ${height} pixels` });
}

function canvas2d(width: number, height: number): OffscreenCanvasRenderingContext2D {
  const context = new OffscreenCanvas(width, height).getContext('2d', { willReadFrequently: true });
  if (!context) throw new ProblemError({ kind: 'too-large', detail: `${width} × ${height} pixels` });
  return context;
}
