import { describe, expect, it } from 'vitest';
import { finishOf, pictureOf } from '../../src/enhance/finish';

/** Grey pixels of these levels. */
const grey = (levels: readonly number[]) => Uint8Array.from(levels.flatMap((level) => [level, level, level]));
const levels = Array.from({ length: 100 }, (_, i) => 20 + 2 * i);

describe('finishOf', () => {
  it('leaves alone what the network did not change', () => {
    expect(finishOf(grey(levels), grey(levels))).toBeNull();
    expect(finishOf(grey(levels), grey(levels.map((level) => level + 10)))).toBeNull();
    // Up and down counts the same as up and up.
    const swapped = levels.map((level, i) => level + (i % 2 ? 10 : -10));
    expect(finishOf(grey(levels), grey(swapped))).toBeNull();
  });

  it('applies more of the curve the more the network changed', () => {
    const share = (change: number) => finishOf(grey(levels.map((l) => l - change)), grey(levels))?.share;
    expect(share(15)).toBeCloseTo(0.25, 9);
    expect(share(20)).toBeCloseTo(0.5, 9);
  });

  it('removes haze, and moves a bright picture half of the way to the mean level', () => {
    // Of 60 to 240, mean 150; no more than one share in 200 is close to black.
    const after = Array.from({ length: 181 }, (_, i) => 60 + i);
    const curve = finishOf(grey(after.map((level) => level - 50)), grey(after))!;
    expect(curve.share).toBe(1);
    const at = (level: number) => {
      const ratio = (level / 255 - curve.black) / (curve.white - curve.black);
      return 255 * Math.min(Math.max(ratio, 0), 1) ** curve.exponent;
    };
    expect(at(60)).toBeLessThan(6);
    expect(at(240)).toBeGreaterThan(248);
    expect(after.reduce((sum, level) => sum + at(level), 0) / after.length).toBeCloseTo(130, 2);
  });

  it('does not brighten what the network left dark', () => {
    const after = Array.from({ length: 200 }, (_, i) => (i < 190 ? i / 4 : 250));
    const rounded = after.map(Math.round);
    const curve = finishOf(grey(rounded.map(() => 0)), grey(rounded))!;
    expect([curve.black, curve.white]).toEqual([0, expect.closeTo(250 / 251, 6)]);
    expect(curve.exponent).toBeGreaterThan(0.98);
  });
});

describe('pictureOf', () => {
  it('is the view in 8 bits, interleaved', () => {
    const view = Float32Array.of(0, 1, 0.5, 0.25, 0.1, 0.2, 0.3, 0.4, 1, 1, 0, 0);
    expect(pictureOf(view, 2)).toEqual({
      data: Uint8ClampedArray.of(0, 26, 255, 255, 51, 255, 128, 77, 0, 64, 102, 0),
      ...{ width: 2, height: 2, channels: 3 },
    });
  });
});
