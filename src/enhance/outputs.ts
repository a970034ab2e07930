import { InputError } from '../errors';
import type { Channels, CheckedImage, EnhancedImage, Samples } from '../photo/image';
import { codecOf } from '../photo/pixel-codec';
import type { Encoding } from './platform';
import type { OpenedSource } from './sources';

type Global<Name extends string> = typeof globalThis extends Record<Name, { prototype: infer T }> ? T : never;

/** A canvas to show the result, resized to fit it. */
export type CanvasOutput = Global<'HTMLCanvasElement'> | Global<'OffscreenCanvas'>;

/** The forms that `Enhancer.run` can return instead of numbers of the source's kind. */
export type Output = 'float' | 'imageData' | 'bitmap' | 'blob' | CanvasOutput;

/** A result for further computation. */
export interface FloatImage {
  /** Row-major, channels side by side; 0 to 1, encoded in the colour space of the source, with steps of 1/65535. */
  readonly data: Float32Array<ArrayBuffer>;
  readonly width: number;
  readonly height: number;
  readonly channels: Channels;
  readonly colorSpace?: 'srgb' | 'display-p3';
  readonly profile?: Uint8Array;
}

/** The type of `Enhancer.run`'s result for an `output`. */
export type OutputOf<O extends Output> = O extends 'float'
  ? FloatImage
  : O extends 'imageData'
    ? Global<'ImageData'>
    : O extends 'bitmap'
      ? Global<'ImageBitmap'>
      : O extends 'blob'
        ? Blob
        : O;

/** @throws {InputError} for an output that does not exist, or not in this runtime, before anything is computed. */
export function checkOutput(output: Output | undefined): void {
  if (output === undefined || output === 'float' || output === 'blob') return;
  const needed = output === 'imageData' ? 'ImageData' : output === 'bitmap' ? 'ImageBitmap' : undefined;
  if (needed) {
    if (needed in globalThis) return;
    throw new InputError(`There is no ${needed} here, so output cannot be "${output}". Leave output out.`);
  }
  if (isCanvas(output)) return;
  throw new InputError(
    `output is ${typeof output === 'string' ? `"${output}"` : String(output)}. Give 'float', 'imageData', 'bitmap', ` +
      "'blob' or a canvas, or leave it out.",
  );
}

function isCanvas(output: unknown): output is OffscreenCanvas {
  const types = [globalThis.OffscreenCanvas, globalThis.HTMLCanvasElement];
  return types.some((type) => typeof type === 'function' && output instanceof type);
}

/** The image to compute with, in 16 bits if the result needs them. */
export function imageFor(output: Output | undefined, image: CheckedImage): CheckedImage {
  if (output !== 'float' || image.data instanceof Uint16Array) return image;
  return { ...image, data: Uint16Array.from(image.data, (level) => 257 * level) };
}

/** Converts a result to the requested form. */
export async function present(
  result: EnhancedImage,
  output: Output | undefined,
  { encode }: OpenedSource,
  encoding: Encoding,
): Promise<EnhancedImage | OutputOf<Output>> {
  if (output === undefined) return result;
  if (output === 'float') {
    return { ...result, data: Float32Array.from(result.data, (value) => value / 0xffff) };
  }
  if (output === 'blob') return encode(result, encoding);
  const image = toImageData(result);
  if (output === 'imageData') return image;
  if (output === 'bitmap') return createImageBitmap(image);
  return show(image, output as OffscreenCanvas);
}

function show(image: ImageData, canvas: OffscreenCanvas): OffscreenCanvas {
  const { width, height, colorSpace } = image;
  Object.assign(canvas, { width, height });
  const context = canvas.getContext('2d', { colorSpace });
  if (!context) {
    throw new InputError(
      'The output canvas already has a context that is not 2d. Pass another one, or draw a bitmap.',
    );
  }
  context.putImageData(image, 0, 0);
  return canvas;
}

/** 8-bit RGBA in sRGB or Display P3; other colour spaces are converted to sRGB. */
export function toImageData(image: EnhancedImage): ImageData {
  const { data, width, height, channels, colorSpace = 'srgb', profile } = image;
  const isRgba = channels === 4 && !profile && data instanceof Uint8ClampedArray;
  const rgba = isRgba ? data : toRgba(image);
  return new ImageData(rgba, width, height, { colorSpace: profile ? 'srgb' : colorSpace });
}

function toRgba(image: EnhancedImage): Uint8ClampedArray<ArrayBuffer> {
  const { width, height, channels, data } = image;
  const rgba = new Uint8ClampedArray(4 * width * height);
  const scale = data instanceof Uint16Array ? 257 : 1;
  const toSrgb = image.profile ? codecOf(image) : undefined;
  const rgb = new Float64Array(3);
  for (let from = 0, to = 0; to < rgba.length; from += channels, to += 4) {
    if (toSrgb) {
      toSrgb.decode(data, from, rgb);
      for (let c = 0; c < 3; c++) rgba[to + c] = 255 * rgb[c]!;
    } else for (let c = 0; c < 3; c++) rgba[to + c] = data[channels < 3 ? from : from + c]! / scale;
    rgba[to + 3] = alphaOf(data, from, channels) / scale;
  }
  return rgba;
}

function alphaOf(data: Samples, at: number, channels: Channels): number {
  if (channels % 2 === 0) return data[at + channels - 1]!;
  return data instanceof Uint16Array ? 0xffff : 0xff;
}
