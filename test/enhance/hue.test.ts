import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { keepHueOf } from '../../src/enhance/hue';

/** Hue angle of HSV in degrees; written down from its definition by sextants. */
function hueAngle([r, g, b]: readonly number[]): number {
  const [most, least] = [Math.max(r!, g!, b!), Math.min(r!, g!, b!)];
  const chroma = most - least;
  if (most === r) return (60 * ((g! - b!) / chroma) + 360) % 360;
  if (most === g) return 60 * ((b! - r!) / chroma + 2);
  return 60 * ((r! - g!) / chroma + 4);
}

const value = fc.double({ min: 0, max: 1, noNaN: true });
const colour = fc.tuple(value, value, value);
const chroma = (rgb: readonly number[]) => Math.max(...rgb) - Math.min(...rgb);

function corrected(original: readonly number[], enhanced: readonly number[]): number[] {
  const result = Float64Array.from(enhanced);
  keepHueOf(Float64Array.from(original), result);
  return [...result];
}

describe('keepHueOf', () => {
  it('has the hue of the original and the lightest and darkest channel of the enhanced pixel', () => {
    const colourful = colour.filter((rgb) => chroma(rgb) > 0.01);
    fc.assert(
      fc.property(colourful, colourful, (original, enhanced) => {
        const result = corrected(original, enhanced);
        expect(Math.max(...result)).toBeCloseTo(Math.max(...enhanced), 12);
        expect(Math.min(...result)).toBeCloseTo(Math.min(...enhanced), 12);
        const turn = Math.abs(hueAngle(result) - hueAngle(original));
        expect(Math.min(turn, 360 - turn)).toBeLessThan(1e-6);
      }),
    );
  });

  it('changes nothing if the hue is already right', () => {
    expect(corrected([0.1, 0.2, 0.3], [0.3, 0.5, 0.7])).toEqual(
      [0.3, 0.5, 0.7].map((v) => expect.closeTo(v, 12)),
    );
  });

  it('leaves grey pixels grey, as light as the network made them', () => {
    fc.assert(
      fc.property(value, colour, (level, enhanced) => {
        const result = corrected([level, level, level], enhanced);
        expect(chroma(result)).toBe(0);
        expect(result[0]).toBeCloseTo(0.2126 * enhanced[0] + 0.7152 * enhanced[1] + 0.0722 * enhanced[2], 12);
      }),
    );
    expect(corrected([0.4, 0.1, 0.1], [0.5, 0.5, 0.5])).toEqual([0.5, 0.5, 0.5]);
  });

  it('is the mix of white, black and pure colour of the paper', () => {
    // x = (0.8, 0.4, 0.2): pure = (1, 1/3, 0). y = (0.3, 0.9, 0.5): white 0.3, colour 0.6, black 0.1.
    expect(corrected([0.8, 0.4, 0.2], [0.3, 0.9, 0.5])).toEqual(
      [0.9, 0.5, 0.3].map((v) => expect.closeTo(v, 12)),
    );
  });
});
