import type { RgbImage } from '../image';

/** Clips to 0..255 and rounds halves upwards. */
export function toLevel(value: number): number {
  return value >= 255 ? 255 : value > 0 ? Math.floor(value + 0.5) : 0;
}

/**
 * Multiplies the channels of each pixel alike by after/before, so that hues stay; black where `before` is 0.
 *
 * @param before a brightness of each pixel, such as max(R, G, B).
 * @param after what it is to become, in the same unit.
 */
export function rescaleChannels(
  image: RgbImage,
  before: ArrayLike<number>,
  after: ArrayLike<number>,
): RgbImage {
  const data = new Uint8Array(image.data.length);
  for (let i = 0, j = 0; j < data.length; i++, j += 3) {
    const from = before[i] as number;
    if (from === 0) continue;
    for (let c = j; c < j + 3; c++)
      data[c] = toLevel(((image.data[c] as number) * (after[i] as number)) / from);
  }
  return { ...image, data };
}
