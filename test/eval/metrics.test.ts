import { describe, expect, it } from 'vitest';
import { ShapeError } from '../../src/errors';
import { equaliseHistogram } from '../../src/eval/baselines/histogram-equalisation';
import { entropy } from '../../src/eval/metrics/entropy';
import { exposureOf } from '../../src/eval/metrics/exposure';
import { psnr } from '../../src/eval/metrics/psnr';
import { ssim } from '../../src/eval/metrics/ssim';
import { Random } from '../../src/random';

function noise(count: number, seed: number): Uint8Array {
  const random = new Random(seed);
  return Uint8Array.from({ length: count }, () => random.integer(256));
}

const grey = (levels: readonly number[]) => Uint8Array.from(levels.flatMap((level) => [level, level, level]));

describe('entropy', () => {
  it('counts levels in use', () => {
    expect(entropy(grey([5, 5, 5, 5]))).toBe(0);
    expect(entropy(grey([1, 2, 3, 4]))).toBe(2);
    expect(entropy(grey([0, 0, 0, 255]))).toBeCloseTo(0.811278, 6);
  });
});

describe('psnr', () => {
  it('is 20 log10(255/d) for a constant difference d, and infinite for none', () => {
    const a = grey([10, 20, 30]);
    expect(psnr(a, a)).toBe(Infinity);
    expect(
      psnr(
        a,
        a.map((v) => v + 5),
      ),
    ).toBeCloseTo(20 * Math.log10(51), 12);
  });

  it('refuses pictures of different sizes', () => {
    expect(() => psnr(grey([1]), grey([1, 2]))).toThrow(ShapeError);
    expect(() => psnr(grey([]), grey([]))).toThrow(ShapeError);
  });
});

describe('ssim', () => {
  it('is 1 for equal pictures and symmetric', () => {
    const a = noise(3 * 20 * 17, 1);
    const b = noise(3 * 20 * 17, 2);
    expect(ssim(a, a, 20, 17)).toBeCloseTo(1, 12);
    expect(ssim(a, b, 20, 17)).toBeCloseTo(ssim(b, a, 20, 17), 12);
    expect(Math.abs(ssim(a, b, 20, 17))).toBeLessThan(0.2);
  });

  it('is the luminance term alone for flat pictures', () => {
    const a = grey(new Array<number>(121).fill(100));
    const b = grey(new Array<number>(121).fill(150));
    const c1 = 2.55 ** 2;
    expect(ssim(a, b, 11, 11)).toBeCloseTo((2 * 100 * 150 + c1) / (100 ** 2 + 150 ** 2 + c1), 10);
  });

  it('agrees with the definition, computed window by window', () => {
    const [width, height] = [14, 12];
    const a = grey([...noise(width * height, 3)]);
    const b = a.map((v, i) => (i % 5 === 0 ? 255 - v : v));
    const flat = Uint8Array.from(b, (_, i) => b[i - (i % 3)] as number);
    expect(ssim(a, flat, width, height)).toBeCloseTo(ssimByDefinition(a, flat, width, height), 10);
  });

  it('refuses pictures smaller than its window', () => {
    expect(() => ssim(noise(300, 1), noise(300, 2), 10, 10)).toThrow(ShapeError);
  });
});

/** Two-dimensional window, weighted central moments. Grey pictures only. */
function ssimByDefinition(a: Uint8Array, b: Uint8Array, width: number, height: number): number {
  const weights: number[] = [];
  for (let v = -5; v <= 5; v++) for (let u = -5; u <= 5; u++) weights.push(Math.exp(-(u * u + v * v) / 4.5));
  const total = weights.reduce((s, w) => s + w);
  const scores: number[] = [];
  for (let y = 5; y < height - 5; y++) {
    for (let x = 5; x < width - 5; x++) {
      const at = weights.map((_, k) => 3 * ((y + Math.floor(k / 11) - 5) * width + x + (k % 11) - 5));
      const mean = (f: (i: number) => number) => at.reduce((s, i, k) => s + weights[k]! * f(i), 0) / total;
      const ma = mean((i) => a[i]!);
      const mb = mean((i) => b[i]!);
      const va = mean((i) => (a[i]! - ma) ** 2);
      const vb = mean((i) => (b[i]! - mb) ** 2);
      const cov = mean((i) => (a[i]! - ma) * (b[i]! - mb));
      const [c1, c2] = [2.55 ** 2, 7.65 ** 2];
      scores.push(((2 * ma * mb + c1) * (2 * cov + c2)) / ((ma * ma + mb * mb + c1) * (va + vb + c2)));
    }
  }
  return scores.reduce((s, v) => s + v) / scores.length;
}

describe('equaliseHistogram', () => {
  it('spreads the levels in use over 0..255', () => {
    expect(equaliseHistogram(grey([10, 20, 30, 40]))).toEqual(grey([0, 85, 170, 255]));
  });

  it('keeps the ratio of the channels', () => {
    expect([...equaliseHistogram(Uint8Array.from([8, 4, 0, 2, 2, 2]))]).toEqual([255, 128, 0, 0, 0, 0]);
  });

  it('leaves a picture of one level as it is', () => {
    const flat = grey([7, 7, 7]);
    expect(equaliseHistogram(flat)).toEqual(flat);
  });
});

describe('exposureOf', () => {
  it('is the mean luminance of linear light, and the shares of clipped values', () => {
    const picture = Uint8Array.of(255, 255, 255, 0, 0, 0, 255, 0, 188, 188, 188, 188);
    const grey = ((188 / 255 + 0.055) / 1.055) ** 2.4;
    const { luminance, lightness, white, black } = exposureOf(picture);
    expect(luminance).toBeCloseTo((1 + 0.2126 + 0.0722 * grey + grey) / 4, 12);
    const seen = (y: number) => 116 * Math.cbrt(y) - 16;
    expect(lightness).toBeCloseTo((100 + seen(0.2126 + 0.0722 * grey) + seen(grey)) / 4, 10);
    expect([white, black]).toEqual([4 / 12, 4 / 12]);
  });
});
