import { InputError } from '../errors';
import { type CheckedImage, checkImage, type RasterImage } from '../photo/image';
import type { Encoding, OpenedPhoto, PhotoBytes, Platform } from './platform';

/** A class of browsers by its name; nothing where the surroundings have no such class. */
type Global<Name extends string> = typeof globalThis extends Record<Name, { prototype: infer T }> ? T : never;

/** What a canvas can draw. It is read through one, so 8 bits of sRGB. */
export type Drawable =
  | Global<'ImageBitmap'>
  | Global<'HTMLImageElement'>
  | Global<'HTMLCanvasElement'>
  | Global<'OffscreenCanvas'>
  | Global<'HTMLVideoElement'>
  | Global<'VideoFrame'>;

/** Pixels in a page's own form. */
export type PageImage = Drawable | Global<'ImageData'>;

/**
 * What `Enhancer.run` takes: numbers, what a page shows, or a photo as a file, its bytes or its address. A string is
 * none of these: what a server was sent must not name a file or an address.
 */
export type ImageSource = RasterImage | PageImage | PhotoBytes | URL;

/** A source that has been read, in numbers of its own. */
export interface OpenedSource {
  readonly image: CheckedImage;
  encode(image: Parameters<OpenedPhoto['encode']>[0], encoding: Encoding): Promise<Blob>;
}

/**
 * Reads a source. Numbers and pictures are read before this returns, so that what becomes of them later does not show.
 *
 * @throws {InputError} for what is no image, or one that cannot be read.
 */
export function openSource(source: ImageSource, platform: Platform): OpenedSource | Promise<OpenedSource> {
  if (source instanceof URL || isBytes(source)) {
    return platform.openPhoto(source).then(({ image, encode }) => ({ image: checkImage(image), encode }));
  }
  if (typeof source !== 'object' || source === null) throw noImage(source);
  const { encode } = platform;
  if ('data' in source) return { image: copied(checkImage(source as RasterImage)), encode };
  return { image: checkImage(draw(source)), encode };
}

const isBytes = (source: unknown): source is PhotoBytes =>
  source instanceof Uint8Array ||
  source instanceof ArrayBuffer ||
  (typeof Blob === 'function' && source instanceof Blob);

function noImage(source: unknown): InputError {
  const what = typeof source === 'string' ? 'A string is no image' : `${String(source)} is no image`;
  return new InputError(
    `${what}. Pass pixels ({ data, width, height, channels }), the bytes of a photo, a Blob, or a URL (new URL(...)); ` +
      'in a browser also an image, canvas, video frame or ImageBitmap. In Node, enhanceFile takes paths.',
  );
}

const copied = (image: CheckedImage): CheckedImage => ({
  ...image,
  data: image.data instanceof Uint16Array ? new Uint16Array(image.data) : new Uint8ClampedArray(image.data),
});

/** The pixels of what a canvas can draw. Alpha comes back as exactly as 8 bits of premultiplied colour allow. */
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

/** The size in pixels of what is drawn, not of its box on the page; undefined for what cannot be drawn. */
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
