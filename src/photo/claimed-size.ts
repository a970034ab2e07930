/** Below this nothing is refused: what it takes in memory is no harm. */
const HARMLESS_PIXELS = 2 ** 25;

/**
 * Photos have a pixel in 50 to 0.2 bytes; the emptiest drawing that anyone keeps at tens of megapixels stays far below
 * this many pixels a byte. A picture of one colour, deflated, has 8000 a byte and more.
 */
const MOST_PIXELS_A_BYTE = 1000;

/**
 * Whether a file claims so many pixels for its length that it is made to take memory, not to be looked at (a
 * decompression bomb). To be asked before anything is decoded.
 */
export const isBomb = (pixels: number, bytes: number): boolean =>
  pixels > HARMLESS_PIXELS && pixels > MOST_PIXELS_A_BYTE * bytes;
