import { describe, expect, it } from 'vitest';
import { gaussianWindow } from '../../src/eval/gaussian-window';
import type { Plane } from '../../src/eval/image';
import { fitAsymmetric, fitGaussian, scaleFactor } from '../../src/eval/metrics/generalised-gaussian';
import { luma } from '../../src/eval/metrics/luma';
import { visibility } from '../../src/eval/metrics/tmqi';
import { halveBicubic, resizeBicubic } from '../../src/eval/resize-bicubic';
import { logGamma, normalCdf } from '../../src/eval/special-functions';
import { Random } from '../../src/random';
import { largestDifference } from '../data/golden';
import { haveGoldens, units } from './reference';

const plane = (rows: readonly number[][]): Plane => ({
  width: rows[0]?.length ?? 0,
  height: rows.length,
  data: Float64Array.from(rows.flat()),
});

describe.skipIf(!haveGoldens)('units of the reference', () => {
  it('resizes', () => {
    const { resize_half, resize_to_9x10 } = units();
    const source = plane(resize_half.input);
    expect(largestDifference(halveBicubic(source).data, resize_half.output.flat())).toBeLessThan(1e-12);
    expect(largestDifference(resizeBicubic(source, 10, 9).data, resize_to_9x10.output.flat())).toBeLessThan(
      1e-12,
    );
  });

  it('fits', () => {
    const { fit } = units();
    const values = Float64Array.from(
      { length: 400 },
      (_, k) => Math.sin(1.7 * k) * (1 + 0.5 * Math.sin(0.31 * k)) - 0.1,
    );
    const gaussian = fitGaussian(values);
    expect(gaussian.shape).toBeCloseTo(fit.ggd_shape as number, 12);
    expect(Math.sqrt(gaussian.variance)).toBeCloseTo(fit.ggd_sigma as number, 12);
    const { shape, left, right } = fitAsymmetric(values);
    expect(shape).toBeCloseTo(fit.aggd_shape as number, 12);
    expect(left).toBeCloseTo(fit.aggd_leftstd as number, 12);
    expect(right).toBeCloseTo(fit.aggd_rightstd as number, 12);
    expect(left * scaleFactor(shape)).toBeCloseTo(fit.aggd_betal as number, 12);
    expect(right * scaleFactor(shape)).toBeCloseTo(fit.aggd_betar as number, 12);
  });

  it('window and visibility', () => {
    const window = gaussianWindow(7, 7 / 6);
    // The reference gives the middle row of the two-dimensional window.
    const middleRow = window.map((value) => value * (window[3] as number));
    expect(largestDifference(middleRow, units().gauss7)).toBeLessThan(1e-15);
    units().tmqi_scales.forEach(({ csf, mu }, k) => {
      const { threshold, sensitivity } = visibility(16 / 2 ** k);
      expect(sensitivity).toBeCloseTo(csf, 10);
      expect(threshold).toBeCloseTo(mu, 12);
    });
  });
});

describe('special functions', () => {
  it('log-gamma agrees with factorials and with Gamma(1/2) = sqrt(pi)', () => {
    let factorial = 1;
    for (let n = 1; n <= 20; n++) {
      expect(Math.abs(logGamma(n) - Math.log(factorial))).toBeLessThan(
        1e-13 * Math.max(1, Math.log(factorial)),
      );
      factorial *= n;
    }
    expect(logGamma(0.5)).toBeCloseTo(Math.log(Math.PI) / 2, 14);
    // Gamma(x) Gamma(1 - x) = pi / sin(pi x)
    for (const x of [0.05, 0.1, 0.3, 0.77]) {
      expect(logGamma(x) + logGamma(1 - x)).toBeCloseTo(Math.log(Math.PI / Math.sin(Math.PI * x)), 13);
    }
  });

  it('the normal distribution agrees with its tables, and with the integral of its density', () => {
    expect(normalCdf(0)).toBe(0.5);
    expect(normalCdf(1)).toBeCloseTo(0.8413447460685429, 14);
    expect(normalCdf(-3)).toBeCloseTo(0.0013498980316300946, 15);
    expect(normalCdf(-10) / 7.619853024160527e-24).toBeCloseTo(1, 10);
    expect([normalCdf(-Infinity), normalCdf(60), normalCdf(-60)]).toEqual([0, 1, 0]);
    const steps = 2000;
    for (const [from, to] of [
      [-3, -2.7],
      [2.7, 2.9],
    ] as const) {
      const h = (to - from) / steps;
      let sum = 0;
      for (let i = 0; i < steps; i++) sum += h * Math.exp(-((from + (i + 0.5) * h) ** 2) / 2);
      expect(normalCdf(to) - normalCdf(from)).toBeCloseTo(sum / Math.sqrt(2 * Math.PI), 9);
    }
  });
});

describe('resizing', () => {
  it('keeps constants, and pictures of the same size', () => {
    const flat = { width: 7, height: 5, data: new Float64Array(35).fill(42) };
    for (const [w, h] of [
      [3, 2],
      [20, 11],
      [1, 1],
    ] as const) {
      expect(
        largestDifference(resizeBicubic(flat, w, h).data, new Float64Array(w * h).fill(42)),
      ).toBeLessThan(1e-12);
    }
    const random = new Random(4);
    const noise = { width: 6, height: 9, data: Float64Array.from({ length: 54 }, () => random.uniform()) };
    expect(resizeBicubic(noise, 6, 9).data).toEqual(noise.data);
  });

  it('halves by the stretched cubic: weights -3, -9, 29, 111 of 256', () => {
    const impulse = { width: 16, height: 1, data: new Float64Array(16) };
    impulse.data[7] = 1;
    const one = resizeBicubic(impulse, 8, 1).data;
    expect([...one]).toEqual(
      [0, 0, -9, 111, 29, -3, 0, 0].map((weight) => weight / 256).map((w) => expect.closeTo(w, 14)),
    );
    expect(
      [halveBicubic({ width: 7, height: 5, data: new Float64Array(35) })].map(({ width, height }) => [
        width,
        height,
      ]),
    ).toEqual([[4, 3]]);
  });
});

describe('fits of generalised Gaussians', () => {
  it('find 2 for normal and 1 for Laplacian noise', () => {
    const random = new Random(7);
    const normal = Float64Array.from({ length: 40_000 }, () => random.normal(0, 3));
    expect(fitGaussian(normal).shape).toBeCloseTo(2, 1);
    expect(Math.sqrt(fitGaussian(normal).variance)).toBeCloseTo(3, 1);
    expect(Math.abs(fitAsymmetric(normal).shape - 2)).toBeLessThan(0.06);
    const laplacian = normal.map(() => Math.log(1 - random.uniform()) * (random.chance(0.5) ? 1 : -1));
    expect(Math.abs(fitGaussian(laplacian).shape - 1)).toBeLessThan(0.03);
  });

  it('tell the two sides apart', () => {
    const random = new Random(8);
    const values = Float64Array.from({ length: 20_000 }, () => random.normal()).map((v) =>
      v < 0 ? 4 * v : v,
    );
    const { left, right } = fitAsymmetric(values);
    expect(left / right).toBeCloseTo(4, 0);
  });

  it('are NaN without values of either sign', () => {
    expect(fitAsymmetric(Float64Array.of(1, 2, 3)).shape).toBeNaN();
    expect(fitGaussian(new Float64Array(5)).shape).toBeNaN();
  });
});

it('luma rounds as integers do', () => {
  const rgb = [
    [255, 0, 0],
    [0, 255, 0],
    [0, 0, 255],
    [10, 20, 31],
    [200, 100, 50],
    [1, 2, 3],
  ];
  expect([...luma(Uint8Array.from(rgb.flat()))]).toEqual([76, 150, 29, 18, 124, 2]);
});
