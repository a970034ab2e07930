import { InputError } from '../errors';

/** Numbers of a picture: 8 bits (0 to 255) or 16 bits (0 to 65535). */
export type Samples = Uint8ClampedArray | Uint8Array | Uint16Array;

/** 1: grey; 2: grey and alpha; 3: RGB; 4: RGBA. Alpha is not premultiplied. */
export type Channels = 1 | 2 | 3 | 4;

/**
 * A picture as the `Enhancer` takes it: row-major, the channels of a pixel side by side. An `ImageData` fits.
 * `channels` defaults to 4, as in an `ImageData`. Colours are sRGB, unless one of `profile` and `colorSpace`
 * says otherwise; the result is in the same space.
 */
export interface RasterImage<T extends Samples = Samples> {
  readonly data: T;
  readonly width: number;
  readonly height: number;
  readonly channels?: Channels;
  readonly colorSpace?: 'srgb' | 'display-p3';
  /**
   * The bytes of an ICC profile, of RGB or grey, made of a matrix and curves (nearly all photos have such a
   * one). It outweighs `colorSpace`.
   */
  readonly profile?: Uint8Array;
}

/** What `Enhancer.run` gives unless asked for something else. With 4 channels of 8 bits it fits `new ImageData`. */
export interface EnhancedImage<T extends Samples = Uint8ClampedArray<ArrayBuffer> | Uint16Array<ArrayBuffer>>
  extends RasterImage<T> {
  readonly channels: Channels;
}

/** A picture that has been checked. */
export type CheckedImage = RasterImage & { readonly channels: Channels };

/** @throws {InputError} when the data does not fill width x height pixels, or has an unknown form. */
export function checkImage(image: RasterImage): CheckedImage {
  const { data, width, height, channels = 4, colorSpace = 'srgb' } = image;
  if (!isCount(width) || !isCount(height)) {
    throw new InputError(
      `The image is ${width} x ${height} pixels. Width and height must be whole numbers of at least 1.`,
    );
  }
  if (![1, 2, 3, 4].includes(channels)) {
    throw new InputError(`image.channels is ${channels}. Pass 1 (grey), 3 (RGB) or 4 (RGBA).`);
  }
  if (!(data instanceof Uint8ClampedArray || data instanceof Uint8Array || data instanceof Uint16Array)) {
    throw new InputError(
      'image.data must be a Uint8ClampedArray or Uint8Array (8 bits), or a Uint16Array (16 bits).',
    );
  }
  const expected = channels * width * height;
  if (data.length !== expected) {
    throw new InputError(
      `image.data has ${data.length} values, but ${width} x ${height} pixels of ${channels} channels take ` +
        `${expected}. Pass the channels of each pixel side by side, row after row.`,
    );
  }
  if (colorSpace !== 'srgb' && colorSpace !== 'display-p3') {
    throw new InputError(`image.colorSpace is «${colorSpace}». Known are «srgb» and «display-p3».`);
  }
  return { ...pick(image), channels };
}

const isCount = (value: number): boolean => Number.isInteger(value) && value >= 1;

/** The fields of an `ImageData` are getters, which spreading would miss. */
function pick({ data, width, height, colorSpace, profile }: RasterImage): RasterImage {
  return { data, width, height, ...(colorSpace && { colorSpace }), ...(profile && { profile }) };
}
