/** sRGB as IEC 61966-2-1 has it, extended to numbers outside of [0, 1] by symmetry about zero. */

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

/** Relative luminance of linear values. */
export const luminance = (r: number, g: number, b: number): number => 0.2126 * r + 0.7152 * g + 0.0722 * b;
