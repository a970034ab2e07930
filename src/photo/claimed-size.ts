/** Below this nothing is refused: the memory it takes does no harm. */
const HARMLESS_PIXELS = 2 ** 25;

/**
 * Photos have 0.02 to 5 pixels per byte, and even the emptiest drawings of tens of megapixels stay far below this. A
 * deflated picture of a single colour has 8000 pixels per byte and more.
 */
const MOST_PIXELS_A_BYTE = 1000;

/**
 * Whether a file claims so many pixels for its length that it must be a decompression bomb. To be checked before
 * decoding.
 */
export const isBomb = (pixels: number, bytes: number): boolean =>
  pixels > HARMLESS_PIXELS && pixels > MOST_PIXELS_A_BYTE * bytes;
