export const BINS = 64;

/** The distribution of brightness. */
export interface Histogram {
  /** Shares of the pixels, from dark to bright; they sum to 1. */
  readonly bins: Float64Array;
  /** 0..1 */
  readonly mean: number;
}

/**
 * Luma (Rec. 709 weights on encoded values, as in photo editors) of 8-bit RGBA pixels, not premultiplied. Pixels are
 * weighted by their opacity.
 */
export function histogramOf(rgba: Uint8ClampedArray): Histogram {
  const bins = new Float64Array(BINS);
  let weight = 0;
  let sum = 0;
  for (let at = 0; at < rgba.length; at += 4) {
    const luma = 0.2126 * rgba[at]! + 0.7152 * rgba[at + 1]! + 0.0722 * rgba[at + 2]!;
    const opacity = rgba[at + 3]!;
    const bin = Math.min(BINS - 1, Math.floor((luma * BINS) / 256));
    bins[bin] = bins[bin]! + opacity;
    weight += opacity;
    sum += opacity * luma;
  }
  if (weight === 0) return { bins, mean: 0 };
  return { bins: bins.map((value) => value / weight), mean: sum / (255 * weight) };
}
