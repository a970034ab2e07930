import { describe, expect, test } from 'vitest';
import { fromHalf, toHalf } from '../src/half';

const isNaNHalf = (half: number): boolean => (half & 0x7c00) === 0x7c00 && (half & 0x3ff) !== 0;

describe('half precision', () => {
  test('every half survives conversion to a number and back', () => {
    for (let half = 0; half < 0x10000; half++) {
      if (isNaNHalf(half)) expect(fromHalf(half)).toBeNaN();
      else if (toHalf(fromHalf(half)) !== half)
        throw new Error(`${half} comes back as ${toHalf(fromHalf(half))}`);
    }
  });

  test('known values', () => {
    expect(fromHalf(0x3c00)).toBe(1);
    expect(fromHalf(0xc000)).toBe(-2);
    expect(fromHalf(0x7bff)).toBe(65504);
    expect(fromHalf(0x0001)).toBe(2 ** -24);
    expect(Object.is(fromHalf(0x8000), -0)).toBe(true);
    expect(isNaNHalf(toHalf(Number.NaN))).toBe(true);
  });

  test('rounds to the nearest, ties to even, over the whole range', () => {
    for (let half = 0; half < 0x7bff; half++) {
      const [low, high] = [fromHalf(half), fromHalf(half + 1)];
      const even = half % 2 === 0 ? half : half + 1;
      const rounded = [low + 0.25 * (high - low), (low + high) / 2, low + 0.75 * (high - low)].map(toHalf);
      if (rounded[0] !== half || rounded[1] !== even || rounded[2] !== half + 1) {
        throw new Error(`between ${low} and ${high}: ${rounded}`);
      }
    }
  });

  test('what is too large becomes infinity, what is too small zero', () => {
    expect(toHalf(65519.99)).toBe(0x7bff);
    expect(toHalf(65520)).toBe(0x7c00);
    expect(toHalf(-1e30)).toBe(0xfc00);
    expect(toHalf(2 ** -26)).toBe(0);
  });
});
