import { ShapeError } from '../errors';

/** 8-bit picture: RGB interleaved, row-major from the top left. */
export interface RgbImage {
  readonly width: number;
  readonly height: number;
  /** width * height * 3 values. */
  readonly data: Uint8Array;
}

/** One number per pixel in double precision, row-major from the top left. */
export interface Plane {
  readonly width: number;
  readonly height: number;
  readonly data: Float64Array;
}

export function createPlane(width: number, height: number): Plane {
  return { width, height, data: new Float64Array(width * height) };
}

/** max(R, G, B) of every pixel, 0..255: the V of HSV. */
export function channelMaximum(rgb: Uint8Array): Uint8Array {
  const maximum = new Uint8Array(rgb.length / 3);
  for (let i = 0, j = 0; i < maximum.length; i++, j += 3) {
    maximum[i] = Math.max(rgb[j] as number, rgb[j + 1] as number, rgb[j + 2] as number);
  }
  return maximum;
}

/** The top left part of a plane. */
export function cropPlane(plane: Plane, width: number, height: number): Plane {
  const result = createPlane(width, height);
  for (let y = 0; y < height; y++) {
    result.data.set(plane.data.subarray(y * plane.width, y * plane.width + width), y * width);
  }
  return result;
}

/** @throws ShapeError when the number of values does not match the size, or the picture is empty. */
export function checkImage(
  operator: string,
  image: Pick<RgbImage, 'width' | 'height'> & { data: ArrayLike<number> },
) {
  const { width, height, data } = image;
  if (width < 1 || height < 1 || data.length !== 3 * width * height) {
    throw new ShapeError(
      `${operator}: ${data.length} values for a picture of ${width} x ${height}, 3 x ${width * height} expected`,
    );
  }
}
