/**
 * How long a scene may keep its decoder busy, in seconds. Being left out changes the pairs, so a file that is merely large,
 * on a machine that is merely slow, must not come near it: it has at least ten times what decoders need (0.2 to 1 s for a
 * megapixel of OpenEXR).
 */
export interface DecodeBudget {
  readonly base: number;
  readonly perMegapixel: number;
  /**
   * By how much more a clock may advance where the processor time of a worker is not known: others may have the processor
   * meanwhile.
   */
  readonly clockFactor: number;
}

export const DECODE_BUDGET: DecodeBudget = { base: 5, perMegapixel: 10, clockFactor: 12 };

/** Seconds of processor time for a file that claims to have so many pixels. */
export const budgetFor = ({ base, perMegapixel }: DecodeBudget, pixels: number): number =>
  base + (perMegapixel * pixels) / 1e6;
