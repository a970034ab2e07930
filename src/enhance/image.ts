import { InputError } from '../errors';

/** A picture as the `Enhancer` takes and gives it: RGBA, 8 bits, row-major, alpha not premultiplied, sRGB. */
export interface RgbaImage {
  readonly data: Uint8ClampedArray | Uint8Array;
  readonly width: number;
  readonly height: number;
}

/** The picture that `Enhancer.run` returns; fits `new ImageData(data, width, height)`. */
export interface EnhancedImage extends RgbaImage {
  readonly data: Uint8ClampedArray<ArrayBuffer>;
}

/** @throws {InputError} when the data does not fill width x height pixels of four bytes. */
export function checkImage(image: RgbaImage): void {
  const { data, width, height } = image;
  if (!Number.isInteger(width) || !Number.isInteger(height) || width < 1 || height < 1) {
    throw new InputError(
      `The image is ${width} x ${height} pixels. Width and height must be whole numbers of at least 1.`,
    );
  }
  if (!(data instanceof Uint8ClampedArray || data instanceof Uint8Array)) {
    throw new InputError('image.data must be a Uint8ClampedArray or a Uint8Array of RGBA values.');
  }
  const expected = 4 * width * height;
  if (data.length !== expected) {
    throw new InputError(
      `image.data has ${data.length} bytes, but ${width} x ${height} RGBA pixels take ${expected}. ` +
        'Pass four bytes for each pixel: red, green, blue, alpha.',
    );
  }
}
