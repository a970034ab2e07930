import { carriedMetadata, type PhotoFile } from '../photo/inspect';
import { colourOfHeif } from '../photo/isobmff';
import { canvas2d, decodeFile, readBytes } from '../photo/web/decode';
import { encodeAs } from '../photo/web/encode';
import type { Encoding, Note, Picture } from './protocol';

/** Longer side of the preview, which the viewer draws while a photo is shown at less than this. */
const PREVIEW_SIDE = 2048;

const DEFAULT_ENCODING: Encoding = { type: null, quality: 0.92 };

/** Decodes a photo and turns it upright. The caller closes the bitmap. */
export async function decode(file: Blob): Promise<ImageBitmap> {
  return (await decodeFile(file)).bitmap;
}

/** The pixels of a photo, and what the page cannot preserve. */
interface DecodedPixels {
  readonly image: ImageData;
  readonly notes: readonly Note[];
}

/**
 * Decodes a photo to upright 8-bit RGBA, in sRGB, or in Display P3 if its colours exceed sRGB and the browser
 * supports such canvases.
 */
export async function decodePixels(blob: Blob): Promise<DecodedPixels> {
  const { bitmap, file, colorSpace } = await decodeFile(blob);
  try {
    const context = canvas2d(bitmap, colorSpace);
    context.drawImage(bitmap, 0, 0);
    const image = context.getImageData(0, 0, bitmap.width, bitmap.height);
    const bytes = await readBytes(blob);
    const notes: Note[] = [...file.notes, ...carriedMetadata(file.metadata, image).notes];
    if (file.colour?.hdr) notes.push({ key: 'note.hdr', detail: file.colour.hdr });
    const depth = depthOf(file, bytes);
    if (depth > 8) notes.push({ key: 'note.deep', detail: String(depth) });
    return { image, notes };
  } finally {
    bitmap.close();
  }
}

/** Bits per channel, if the file says. */
const depthOf = ({ header }: PhotoFile, bytes: Uint8Array): number =>
  (header.type === 'image/png' ? bytes[24] : colourOfHeif(bytes).depth) ?? 8;

/** The picture with a longer side of at most `side` pixels; closes a larger bitmap. */
export async function makeThumbnail(bitmap: ImageBitmap, side: number): Promise<ImageBitmap> {
  const small = await shrink(bitmap, side);
  if (small !== bitmap) bitmap.close();
  return small;
}

export async function toPicture(full: ImageBitmap): Promise<Picture> {
  return { full, preview: await shrink(full, PREVIEW_SIDE) };
}

/**
 * The file to save: the photo blended with its enhanced version by `strength`. Without a type: the photo's own format
 * if browsers can write it, otherwise JPEG, or PNG for a photo with transparency.
 */
export async function encode(
  file: Blob,
  enhanced: ImageData,
  strength: number,
  encoding: Encoding = DEFAULT_ENCODING,
): Promise<Blob> {
  const image = strength < 1 ? (await decodePixels(file)).image : enhanced;
  if (strength < 1) blend(image.data, enhanced.data, strength);
  return encodeAs(image, { ...encoding, photo: file });
}

/** Moves `pixels` towards `enhanced` in place: pixels + strength (enhanced - pixels), rounded. */
function blend(pixels: Uint8ClampedArray, enhanced: Uint8ClampedArray, strength: number): void {
  for (let i = 0; i < pixels.length; i++) {
    const from = pixels[i]!;
    pixels[i] = from + strength * (enhanced[i]! - from);
  }
}

/** Returns the bitmap itself if it is small enough. */
async function shrink(bitmap: ImageBitmap, side: number): Promise<ImageBitmap> {
  const scale = side / Math.max(bitmap.width, bitmap.height);
  if (scale >= 1) return bitmap;
  return createImageBitmap(bitmap, {
    resizeWidth: Math.max(1, Math.round(bitmap.width * scale)),
    resizeHeight: Math.max(1, Math.round(bitmap.height * scale)),
    resizeQuality: 'high',
  });
}
