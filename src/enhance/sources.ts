import { InputError } from '../errors';
import { type CheckedImage, checkImage, type RasterImage } from '../photo/image';
import type { Encoding, OpenedPhoto, PhotoBytes, Platform } from './platform';

/** A browser class by name; never if the runtime has no such class. */
type Global<Name extends string> = typeof globalThis extends Record<Name, { prototype: infer T }> ? T : never;

/** Sources that a canvas can draw. They are read through one, as 8-bit sRGB. */
export type Drawable =
  | Global<'ImageBitmap'>
  | Global<'HTMLImageElement'>
  | Global<'HTMLCanvasElement'>
  | Global<'OffscreenCanvas'>
  | Global<'HTMLVideoElement'>
  | Global<'VideoFrame'>;

/** Pixels in a form that pages use. */
export type PageImage = Drawable | Global<'ImageData'>;

/**
 * What `Enhancer.run` accepts: numbers, page elements, or a photo as a file, its bytes or a URL. Strings are not
 * accepted: data sent to a server must not name a file or an address.
 */
export type ImageSource = RasterImage | PageImage | PhotoBytes | URL;

/** A source that has been read. */
export interface OpenedSource {
  /** In numbers that belong to this run: a copy, or given away by the caller. */
  readonly image: CheckedImage;
  encode(image: Parameters<OpenedPhoto['encode']>[0], encoding: Encoding): Promise<Blob>;
}

/**
 * Reads a source. Numbers and pictures are read before this returns, so later changes to them have no effect.
 *
 * @param inPlace uses the numbers directly, without a copy.
 * @throws {InputError} for something that is not an image, or cannot be read.
 */
export function openSource(
  source: ImageSource,
  platform: Platform,
  inPlace = false,
): OpenedSource | Promise<OpenedSource> {
  if (source instanceof URL || isBytes(source)) {
    return platform.openPhoto(source).then(({ image, encode }) => ({ image: checkImage(image), encode }));
  }
  if (typeof source !== 'object' || source === null) throw noImage(source);
  const { encode } = platform;
  if ('data' in source) {
    const image = checkImage(source as RasterImage);
    return { image: inPlace ? image : copied(image), encode };
  }
  return { image: checkImage(draw(source)), encode };
}

const isBytes = (source: unknown): source is PhotoBytes =>
  source instanceof Uint8Array ||
  source instanceof ArrayBuffer ||
  (typeof Blob === 'function' && source instanceof Blob);

function noImage(source: unknown): InputError {
  const what = typeof source === 'string' ? 'A string is not an image' : `${String(source)} is not an image`;
  return new InputError(
    `${what}. Pass pixels ({ data, width, height, channels }), the bytes of a photo, a Blob, or a URL (new URL(...)); ` +
      'in a browser also an image, canvas, video frame or ImageBitmap. In Node, enhanceFile takes paths.',
  );
}

const copied = (image: CheckedImage): CheckedImage => ({
  ...image,
  data: image.data instanceof Uint16Array ? new Uint16Array(image.data) : new Uint8ClampedArray(image.data),
});

/** The pixels of something a canvas can draw. Alpha is as exact as 8-bit premultiplied colour allows. */
function draw(source: Exclude<ImageSource, PhotoBytes | URL>): RasterImage {
  const size = sizeOf(source);
  if (!size || typeof OffscreenCanvas !== 'function') throw noImage(source);
  const { width, height, name } = size;
  if (width === 0 || height === 0) {
    throw new InputError(
      `The ${name} has no pixels: it is not loaded yet, or it was closed. Pass one that shows something.`,
    );
  }
  const context = new OffscreenCanvas(width, height).getContext('2d', { willReadFrequently: true });
  if (!context) {
    throw new InputError(`This browser has no canvas of ${width} x ${height} pixels.`, {
      code: 'photo-too-large',
    });
  }
  try {
    context.drawImage(source as CanvasImageSource, 0, 0, width, height);
    return context.getImageData(0, 0, width, height);
  } catch (cause) {
    throw new InputError(
      `The ${name} cannot be read. If it comes from another site, load it with crossorigin="anonymous"; that site must ` +
        'allow it.',
      { cause },
    );
  }
}

interface NamedSize {
  readonly name: string;
  readonly width: number;
  readonly height: number;
}

/** The size in pixels of the drawing itself, not of its box on the page; undefined if it cannot be drawn. */
function sizeOf(source: object): NamedSize | undefined {
  for (const [name, width, height] of DRAWABLES) {
    const type = (globalThis as Record<string, unknown>)[name];
    if (typeof type !== 'function' || !(source instanceof type)) continue;
    const sizes = source as Record<string, number>;
    return { name, width: sizes[width] ?? 0, height: sizes[height] ?? 0 };
  }
  return undefined;
}

const DRAWABLES = [
  ['ImageBitmap', 'width', 'height'],
  ['HTMLImageElement', 'naturalWidth', 'naturalHeight'],
  ['HTMLCanvasElement', 'width', 'height'],
  ['OffscreenCanvas', 'width', 'height'],
  ['HTMLVideoElement', 'videoWidth', 'videoHeight'],
  ['VideoFrame', 'displayWidth', 'displayHeight'],
] as const;
