import { describe, expect, it } from 'vitest';
import { FINISHED_TARGET } from '../../src/data/synthesis-config';
import { type Finish, finishCurve, finishPicture, lumaHistogram } from '../../src/photo/finish';
import { Random } from '../../src/random';
import { testPicture } from '../eval/procedural';

const { data } = testPicture(64, 48);
/** Hazy and bright, as fused pictures are. */
const hazy = data.map((level) => 70 + Math.round(0.55 * level));

const lumaOf = (rgb: ArrayLike<number>, i: number) =>
  (0.298936021 * rgb[i]! + 0.587043074 * rgb[i + 1]! + 0.114020904 * rgb[i + 2]!) as number;
const lumas = (rgb: Uint8Array) => Array.from({ length: rgb.length / 3 }, (_, i) => lumaOf(rgb, 3 * i));
const mean = (values: readonly number[]) => values.reduce((sum, value) => sum + value, 0) / values.length;
const quantile = (values: readonly number[], share: number) =>
  [...values].sort((a, b) => a - b)[Math.floor(share * values.length)]!;

/** The definition, pixel by pixel: percentiles by sorting, the exponent by trying all in steps of a thousandth. */
function expected(rgb: Uint8Array, { tails, points, mean: wanted, chroma }: Finish): Float64Array {
  const rounded = lumas(rgb).map(Math.round);
  const [low, high] = [quantile(rounded, tails), quantile(rounded, 1 - tails - 1e-9)];
  const slope = (points[1] - points[0]) / (high - low);
  const stretched = (l: number) => Math.min(Math.max((points[0] + slope * (l - low)) / 255, 0), 1);
  let [best, exponent] = [Infinity, 0];
  for (let g = 0.4; g <= 2.5; g += 1e-3) {
    const distance = Math.abs(mean(rounded.map((l) => 255 * stretched(l) ** g)) - wanted.level);
    if (distance < best) [best, exponent] = [distance, g];
  }
  const result = new Float64Array(rgb.length);
  for (let i = 0; i < rgb.length; i += 3) {
    const y = lumaOf(rgb, i);
    const finished = 255 * stretched(y) ** exponent;
    for (let k = 0; k < 3; k++) {
      const difference = rgb[i + k]! - y;
      const value = finished + (1 - chroma) * difference + chroma * (finished / y) * difference;
      result[i + k] = Math.min(Math.max(value, 0), 255);
    }
  }
  return result;
}

describe('finishPicture', () => {
  it.each([0, 0.5, 1])('is what its definition says, chroma %f', (chroma) => {
    const finish = { ...FINISHED_TARGET, chroma };
    const wanted = expected(hazy, finish);
    const got = finishPicture(hazy, finish);
    expect(Math.max(...got.map((level, i) => Math.abs(level - wanted[i]!)))).toBeLessThan(0.6);
  });

  it('moves black point, white point and mean level to their targets', () => {
    const finished = lumas(finishPicture(hazy, FINISHED_TARGET));
    expect(Math.abs(mean(finished) - 110)).toBeLessThan(1);
    expect(quantile(finished, 0.01)).toBeLessThan(8);
    expect(quantile(finished, 0.99)).toBeGreaterThan(248);
  });

  it("follows the picture's own mean as far as configured", () => {
    const own = mean(lumas(hazy));
    for (const share of [0.3, 0.6]) {
      for (const [level, dark, bright] of [
        [110, 0, share],
        [own + 20, share, 0],
      ] as const) {
        const finished = finishPicture(hazy, { ...FINISHED_TARGET, mean: { level, dark, bright } });
        expect(Math.abs(mean(lumas(finished)) - (level + share * (own - level)))).toBeLessThan(1);
      }
    }
  });

  it('keeps grey grey', () => {
    const grey = hazy.map((_, i) => hazy[i - (i % 3)]!);
    const finished = finishPicture(grey, FINISHED_TARGET);
    expect(finished).not.toEqual(grey);
    expect(finished.every((level, i) => level === finished[i - (i % 3)])).toBe(true);
  });

  it('keeps the order of brightness', () => {
    const ramp = Uint8Array.from({ length: 768 }, (_, i) => Math.floor(i / 3));
    const finished = finishPicture(ramp, FINISHED_TARGET);
    expect([...finished]).toEqual([...finished].sort((a, b) => a - b));
  });

  it.each([
    ['black', 0, 0],
    ['white', 255, 255],
  ])('leaves a %s picture as it is', (_, level, wanted) => {
    expect(new Set(finishPicture(new Uint8Array(48).fill(level), FINISHED_TARGET))).toEqual(
      new Set([wanted]),
    );
  });

  it('moves a flat picture, or one pixel, to the mean level and adds nothing', () => {
    for (const pixels of [1, 100]) {
      const flat = new Uint8Array(3 * pixels).fill(150);
      const [level, ...others] = new Set(finishPicture(flat, FINISHED_TARGET));
      expect(Math.abs(level! - 110)).toBeLessThanOrEqual(1);
      expect(others).toEqual([]);
    }
  });

  it('does not stretch the noise of a plain wall into a picture', () => {
    const random = new Random(1);
    const wall = new Uint8Array(3000).map(() => random.normal(120, 2));
    const finished = finishPicture(wall, FINISHED_TARGET);
    expect(quantile(lumas(finished), 0.99) - quantile(lumas(finished), 0.01)).toBeLessThan(60);
  });
});

describe('finishCurve', () => {
  it('does not lift existing blacks', () => {
    const full = Uint8Array.from({ length: 3000 }, (_, i) => (i < 300 ? 0 : i < 600 ? 255 : 100));
    expect(finishCurve(lumaHistogram(full), FINISHED_TARGET)).toMatchObject({ black: 0, white: 1, share: 1 });
  });
});
