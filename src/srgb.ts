/** sRGB as in IEC 61966-2-1, extended beyond [0, 1] by symmetry about zero. */

/** Encoded to linear. */
export function srgbToLinear(value: number): number {
  const magnitude = Math.abs(value);
  const linear = magnitude <= 0.04045 ? magnitude / 12.92 : ((magnitude + 0.055) / 1.055) ** 2.4;
  return value < 0 ? -linear : linear;
}

/** Linear to encoded. */
export function linearToSrgb(value: number): number {
  const magnitude = Math.abs(value);
  const encoded = magnitude <= 0.0031308 ? 12.92 * magnitude : 1.055 * magnitude ** (1 / 2.4) - 0.055;
  return value < 0 ? -encoded : encoded;
}

/** Linear values of the 256 levels. */
export const LINEAR_LEVELS = Float64Array.from({ length: 256 }, (_, level) => srgbToLinear(level / 255));

/** Relative luminance (Rec. 709) of linear values. */
export const luminance = (r: number, g: number, b: number): number => 0.2126 * r + 0.7152 * g + 0.0722 * b;

/** Luma (NTSC, unrounded weights as in MATLAB's rgb2gray) of encoded values. */
export const luma = (r: number, g: number, b: number): number =>
  0.29893602129377533 * r + 0.5870430744511214 * g + 0.11402090425510324 * b;

/**
 * A function tabulated on [0, 1] with linear interpolation, and evaluated directly elsewhere. For per-pixel work,
 * which would spend most of its time on powers.
 */
export class Tabulated {
  readonly #samples: Float64Array;

  constructor(
    private readonly exact: (value: number) => number,
    private readonly steps: number,
  ) {
    // One extra sample, so that 1 has a right neighbour.
    this.#samples = Float64Array.from({ length: steps + 2 }, (_, i) => exact(i / steps));
  }

  at(value: number): number {
    if (!(value >= 0 && value <= 1)) return this.exact(value);
    const position = value * this.steps;
    const index = Math.floor(position);
    const low = this.#samples[index]!;
    return low + (position - index) * (this.#samples[index + 1]! - low);
  }
}
