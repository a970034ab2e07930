/** Clips to 0..255 and rounds halves upwards. */
export function toLevel(value: number): number {
  return value >= 255 ? 255 : value > 0 ? Math.floor(value + 0.5) : 0;
}

/**
 * Scales the channels of each pixel by after/before, which preserves hues; black where `before` is 0.
 *
 * @param rgb interleaved; the result is a new picture.
 * @param before a brightness of each pixel, such as max(R, G, B).
 * @param after the new brightness, in the same unit.
 */
export function rescaleChannels(
  rgb: Uint8Array,
  before: ArrayLike<number>,
  after: ArrayLike<number>,
): Uint8Array {
  const result = new Uint8Array(rgb.length);
  for (let i = 0, j = 0; j < rgb.length; i++, j += 3) {
    const from = before[i] as number;
    if (from === 0) continue;
    for (let c = j; c < j + 3; c++) result[c] = toLevel(((rgb[c] as number) * (after[i] as number)) / from);
  }
  return result;
}
