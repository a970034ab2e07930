import { describe, expect, it } from 'vitest';
import { finishPhoto } from '../../src/data/finished-photo';
import { exposureOf } from '../../src/eval/metrics/exposure';
import { Random } from '../../src/random';
import { testPicture } from '../eval/procedural';

const { data } = testPicture(64, 48);
const finish = (luminance: readonly [number, number], seed = 1) =>
  finishPhoto(data, new Random(seed), { luminance });

describe('finishPhoto', () => {
  it.each([0.15, 0.25, 0.35])('has the drawn mean luminance: %f', (wanted) => {
    expect(exposureOf(finish([wanted, wanted])).luminance).toBeCloseTo(wanted, 2);
  });

  it('keeps the exponent within its limits', () => {
    const { luminance } = exposureOf(data);
    const [dark, bright] = [exposureOf(finish([1e-6, 1e-6])), exposureOf(finish([1, 1]))];
    expect(dark.luminance).toBeGreaterThan(1e-3);
    expect(dark.luminance).toBeLessThan(luminance);
    expect(bright.luminance).toBeLessThan(0.999);
    expect(bright.luminance).toBeGreaterThan(luminance);
  });

  it('keeps the order of levels, whatever is drawn', () => {
    for (let seed = 0; seed < 5; seed++) {
      const curve = new Map<number, number>();
      const result = finish([0.08, 0.6], seed);
      for (const [i, level] of data.entries()) {
        expect(curve.get(level) ?? result[i]).toBe(result[i]);
        curve.set(level, result[i]!);
      }
      const levels = [...curve].sort(([a], [b]) => a - b).map(([, level]) => level);
      expect(levels).toEqual([...levels].sort((a, b) => a - b));
    }
  });

  it.each([
    [0, 0],
    [255, 1],
    [100, 0.2],
  ])('takes a picture of one level: %i', (level, luminance) => {
    const flat = new Uint8Array(48).fill(level);
    // Seed 1 stretches only slightly, so that the level is neither black nor white.
    const finished = finishPhoto(flat, new Random(1), { luminance: [0.2, 0.2] });
    expect(exposureOf(finished).luminance).toBeCloseTo(luminance, 2);
  });
});
