import { isBomb } from '../photo/claimed-size';
import { embedMetadata } from '../photo/embed-metadata';
import { isComplete, readImageHeader } from '../photo/image-header';
import { carriedMetadata, inspectPhoto, type PhotoFile } from '../photo/inspect';
import type { ContainerFormat, Metadata } from '../photo/metadata';
import { withNeutralOrientation } from '../photo/neutral-orientation';
import { isWiderThanSrgb } from '../photo/wide-gamut';
import { type Enhanced, type Picture, ProblemError, type ProblemKind } from './protocol';

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

/** A photo as the browser decodes it, turned upright, and what its file says. The caller closes the bitmap. */
interface Decoded {
  readonly bitmap: ImageBitmap;
  readonly file: PhotoFile;
  readonly colorSpace: PredefinedColorSpace;
}

/** Decodes a photo upright. The caller closes the bitmap. */
export async function decode(file: Blob): Promise<ImageBitmap> {
  return (await decodeFile(file)).bitmap;
}

async function decodeFile(blob: Blob): Promise<Decoded> {
  const bytes = await readBytes(blob);
  const file = await inspectPhoto(bytes);
  const { type, size } = file.header;
  if (type === 'image/x-raw') throw new ProblemError({ kind: 'raw' });
  if (!(await isComplete(bytes, file.header))) throw new ProblemError({ kind: 'truncated' });
  if (size) {
    checkSize(size);
    if (isBomb(size.width * size.height, bytes.length)) {
      const detail = `${size.width} × ${size.height} pixels in ${bytes.length} bytes`;
      throw new ProblemError({ kind: 'bomb', detail });
    }
  }
  const profile = file.colour ? file.colour.profile : file.metadata.profile;
  const colorSpace = profile && isWiderThanSrgb(profile) ? 'display-p3' : 'srgb';
  const isTurnedHere = file.orientation !== 1 && type !== 'image/tiff';
  // Browsers disagree about which files they turn; so none is asked to.
  const source = isTurnedHere ? new Blob([withNeutralOrientation(bytes)], { type: type ?? '' }) : blob;
  let bitmap: ImageBitmap;
  try {
    bitmap = await createImageBitmap(source);
  } catch {
    throw new ProblemError({ kind: problemOfType(type) });
  }
  checkSize(bitmap);
  return { bitmap: isTurnedHere ? turn(bitmap, file.orientation, colorSpace) : bitmap, file, colorSpace };
}

function problemOfType(type: string | null): ProblemKind {
  if (type === 'image/heic') return 'heic';
  if (type === 'image/tiff') return 'tiff';
  return type ? 'undecodable' : 'not-an-image';
}

/** Exact: the pixels change places only. Closes the given bitmap. */
function turn(bitmap: ImageBitmap, orientation: number, colorSpace: PredefinedColorSpace): ImageBitmap {
  const [width, height] = [bitmap.width, bitmap.height];
  const isTurned = orientation >= 5;
  const context = canvas2d(isTurned ? { width: height, height: width } : bitmap, colorSpace);
  // Columns: where a step across and a step down the stored picture lead, and where its corner goes.
  const transforms: readonly (readonly [number, number, number, number, number, number])[] = [
    [1, 0, 0, 1, 0, 0],
    [-1, 0, 0, 1, width, 0],
    [-1, 0, 0, -1, width, height],
    [1, 0, 0, -1, 0, height],
    [0, 1, 1, 0, 0, 0],
    [0, 1, -1, 0, height, 0],
    [0, -1, -1, 0, height, width],
    [0, -1, 1, 0, 0, width],
  ];
  context.setTransform(...transforms[orientation - 1]!);
  context.drawImage(bitmap, 0, 0);
  bitmap.close();
  return context.canvas.transferToImageBitmap();
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

/** More than 8 bits a channel, as PNG says. */
const isDeep = ({ header }: PhotoFile, bytes: Uint8Array): boolean =>
  header.type === 'image/png' && bytes[24] === 16;

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
