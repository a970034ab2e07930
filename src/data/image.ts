/** Linear HDR image: RGB interleaved, row-major from the top left, values >= 0 and finite, any unit. */
export interface LinearImage {
  readonly width: number;
  readonly height: number;
  /** width * height * 3 values. */
  readonly data: Float32Array;
}

export function createLinearImage(width: number, height: number): LinearImage {
  return { width, height, data: new Float32Array(width * height * 3) };
}

/** Equirectangular panoramas (the whole sphere, longitude by latitude) are exactly twice as wide as high. */
export function isPanorama(image: { readonly width: number; readonly height: number }): boolean {
  return image.width === 2 * image.height;
}

/** Channels that differ by less than a step of an 8-bit mantissa (Radiance) differ only by rounding. */
const GREY_TOLERANCE = 1 / 128;

/** Whether all pixels are grey. */
export function isMonochrome({ data }: LinearImage): boolean {
  for (let i = 0; i < data.length; i += 3) {
    const r = data[i] as number;
    const g = data[i + 1] as number;
    const b = data[i + 2] as number;
    const largest = Math.max(r, g, b);
    if (largest - Math.min(r, g, b) > GREY_TOLERANCE * largest) return false;
  }
  return true;
}

/** Mirrors left to right, in place. */
export function flipHorizontally({ width, height, data }: LinearImage): void {
  for (let y = 0; y < height; y++) {
    for (let left = 3 * y * width, right = left + 3 * (width - 1); left < right; left += 3, right -= 3) {
      swapPixels(data, left, right);
    }
  }
}

/** Mirrors top to bottom, in place. */
export function flipVertically({ width, height, data }: LinearImage): void {
  const row = 3 * width;
  for (let top = 0, bottom = height - 1; top < bottom; top++, bottom--) {
    for (let x = 0; x < row; x += 3) swapPixels(data, top * row + x, bottom * row + x);
  }
}

function swapPixels(data: Float32Array, a: number, b: number): void {
  for (let c = 0; c < 3; c++) {
    const value = data[a + c] as number;
    data[a + c] = data[b + c] as number;
    data[b + c] = value;
  }
}
