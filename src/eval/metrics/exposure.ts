import { LINEAR_LEVELS as LINEAR, luminance } from '../../srgb';
import { labCurve } from './ciede2000';

/** The brightness of an 8-bit picture, and how much of it is clipped. */
export interface Exposure {
  /** Mean relative luminance (Rec. 709, of linear light), 0..1. */
  readonly luminance: number;
  /** Mean lightness L* (CIE 1976, white 1), 0..100: perceived brightness. */
  readonly lightness: number;
  /** Share of channel values equal to 255. */
  readonly white: number;
  /** Share of channel values equal to 0. */
  readonly black: number;
}

/** @param rgb 8-bit sRGB picture, interleaved. */
export function exposureOf(rgb: Uint8Array): Exposure {
  let [light, lightness, white, black] = [0, 0, 0, 0];
  for (let i = 0; i < rgb.length; i += 3) {
    const [r, g, b] = [rgb[i] as number, rgb[i + 1] as number, rgb[i + 2] as number];
    const y = luminance(LINEAR[r] as number, LINEAR[g] as number, LINEAR[b] as number);
    light += y;
    lightness += 116 * labCurve(y) - 16;
    for (const level of [r, g, b]) {
      if (level === 255) white++;
      else if (level === 0) black++;
    }
  }
  const count = rgb.length;
  return {
    luminance: (3 * light) / count,
    lightness: (3 * lightness) / count,
    white: white / count,
    black: black / count,
  };
}
