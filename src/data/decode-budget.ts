/**
 * How long a scene may keep its decoder busy, in seconds. Skipping a scene changes the pairs, so the limit must stay
 * far from large files on slow machines: it is at least ten times what decoders need (0.2 to 1 s per megapixel of
 * OpenEXR).
 */
export interface DecodeBudget {
  readonly base: number;
  readonly perMegapixel: number;
  /**
   * Factor on the limit in wall-clock time, for workers whose processor time is unknown: other programs may be using
   * the processor.
   */
  readonly clockFactor: number;
}

export const DECODE_BUDGET: DecodeBudget = { base: 5, perMegapixel: 10, clockFactor: 12 };

/** Seconds of processor time for a file that claims this many pixels. */
export const budgetFor = ({ base, perMegapixel }: DecodeBudget, pixels: number): number =>
  base + (perMegapixel * pixels) / 1e6;
