import { InputError } from '../errors';

/** Numbers of a picture: 8 bits (0 to 255) or 16 bits (0 to 65535). */
export type Samples = Uint8ClampedArray | Uint8Array | Uint16Array;

/** 1: grey; 2: grey and alpha; 3: RGB; 4: RGBA. Alpha is not premultiplied. */
export type Channels = 1 | 2 | 3 | 4;

/**
 * A picture as the `Enhancer` accepts it: row-major, with interleaved channels. `ImageData` fits. `channels` defaults
 * to 4, as in `ImageData`. Colours are sRGB unless `profile` or `colorSpace` says otherwise; the result has the same
 * colour space.
 */
export interface RasterImage<T extends Samples = Samples> {
  readonly data: T;
  readonly width: number;
  readonly height: number;
  readonly channels?: Channels;
  readonly colorSpace?: 'srgb' | 'display-p3';
  /**
   * The bytes of an RGB or grey ICC profile that consists of a matrix and curves, as nearly all photos have. Takes
   * precedence over `colorSpace`.
   */
  readonly profile?: Uint8Array;
}

/** What `Enhancer.run` returns by default. With 4 channels of 8 bits it fits `new ImageData`. */
export interface EnhancedImage<T extends Samples = Uint8ClampedArray<ArrayBuffer> | Uint16Array<ArrayBuffer>>
  extends RasterImage<T> {
  readonly channels: Channels;
}

/** A picture that passed `checkImage`. */
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
    throw new InputError(`image.colorSpace is "${colorSpace}". Known are "srgb" and "display-p3".`);
  }
  return { ...pick(image), channels };
}

const isCount = (value: number): boolean => Number.isInteger(value) && value >= 1;

/** The fields of an `ImageData` are getters, which spreading misses. */
function pick({ data, width, height, colorSpace, profile }: RasterImage): RasterImage {
  return { data, width, height, ...(colorSpace && { colorSpace }), ...(profile && { profile }) };
}
