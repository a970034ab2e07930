import { describe, expect, it } from 'vitest';
import { BASELINE_NAMES, BASELINES, type BaselineName } from '../../src/eval/baselines/baselines';
import { decompose } from '../../src/eval/baselines/srie';
import { circularFilter } from '../../src/eval/fourier';
import { solveGrid } from '../../src/eval/grid-solver';
import { channelMaximum } from '../../src/eval/image';
import { brisqueFeatures } from '../../src/eval/metrics/brisque';
import { entropy, linearEntropy } from '../../src/eval/metrics/entropy';
import { niqe } from '../../src/eval/metrics/niqe';
import { fitNiqe, sharpPatches } from '../../src/eval/metrics/niqe-fit';
import { tmqi } from '../../src/eval/metrics/tmqi';
import { Random } from '../../src/random';
import { flatPicture, testPicture, testScene } from './procedural';

/*
 * Computed twice: by this code and, from the same bytes, by a second implementation of the definitions in NumPy and
 * SciPy (two-dimensional windows, dense resizing matrices, its own FFT, gamma function and sparse direct solver).
 * They agree to the digits below; on the golden pictures, which are not in the repository, this code also agrees with
 * the authors' programs.
 */
describe('metrics of a procedural picture', () => {
  const picture = testPicture(205, 187);

  it('entropy', () => {
    expect(entropy(picture.data)).toBeCloseTo(7.36789255865, 10);
    expect(linearEntropy(picture.data)).toBeCloseTo(7.16248256507, 10);
  });

  it('NIQE, by a model with mean 0 and covariance 1', () => {
    const covariance = Float64Array.from({ length: 36 * 36 }, (_, k) => (k % 37 === 0 ? 1 : 0));
    const score = niqe(testPicture(205, 197), { mean: new Float64Array(36), covariance });
    expect(score).toBeCloseTo(5.74869069482, 9);
  });

  it('features of BRISQUE', () => {
    const features = brisqueFeatures(picture);
    const some = [0, 1, 2, 3, 4, 5, 16, 17, 18, 19, 35].map((i) => features[i] as number);
    const expected = [
      2.894, 0.385926423833, 0.975, -0.0709089043085, 0.200767061674, 0.120509308523, 0.196109555472,
      0.123149773937, 10, 0.222150715468, 0.050467250427,
    ];
    expect(some).toEqual(expected.map((value) => expect.closeTo(value, 11)));
  });

  it('TMQI', () => {
    const { quality, fidelity, naturalness, localFidelity } = tmqi(testScene(picture), picture);
    expect(quality).toBeCloseTo(0.86164828, 8);
    expect(fidelity).toBeCloseTo(0.63276102, 8);
    expect(naturalness).toBeCloseTo(0.766857226, 9);
    const scales = [0.831354541, 0.755555771, 0.666229334, 0.557996579, 0.439465354];
    expect(localFidelity).toEqual(scales.map((value) => expect.closeTo(value, 7)));
  });

  it('TMQI falls when light is taken from the picture, and does not see the unit of the scene', () => {
    const scene = testScene(picture);
    const dark = { ...picture, data: picture.data.map((level) => level >> 3) };
    expect(tmqi(scene, dark).quality).toBeLessThan(tmqi(scene, picture).quality - 0.1);
    const scaled = { ...scene, data: scene.data.map((value) => value / 1024) };
    expect(tmqi(scaled, picture).quality).toBeCloseTo(tmqi(scene, picture).quality, 6);
  });
});

describe('baselines on a procedural picture', () => {
  const picture = testPicture(47, 38);
  /** Mean level, and two pixels each at the first and at the thousandth. */
  const EXPECTED: Readonly<Record<BaselineName, { mean: number; first: number[]; later: number[] }>> = {
    he: { mean: 120.943075774, first: [3, 1, 1, 0, 0, 0], later: [58, 55, 45, 69, 59, 58] },
    cache: { mean: 131.266890631, first: [1, 0, 0, 0, 0, 0], later: [52, 49, 40, 64, 55, 54] },
    srie: { mean: 137.543486376, first: [41, 19, 17, 24, 27, 20], later: [100, 94, 78, 111, 95, 94] },
    lime: { mean: 195.763157895, first: [84, 40, 35, 46, 53, 40], later: [176, 165, 137, 195, 167, 165] },
  };

  for (const name of BASELINE_NAMES) {
    it(name, () => {
      const { mean, first, later } = EXPECTED[name];
      const { data } = BASELINES[name].run(picture);
      // One level more or less in a pixel, where a value lies between two levels, changes the mean by 2e-4.
      expect(Math.abs(data.reduce((sum, value) => sum + value, 0) / data.length - mean)).toBeLessThan(1e-3);
      expect([...data.subarray(0, 6)]).toEqual(first);
      expect([...data.subarray(3000, 3006)]).toEqual(later);
    });

    it(`${name}: flat, black and tiny pictures give pictures`, () => {
      for (const image of [
        flatPicture(13, 9, 0),
        flatPicture(13, 9, 90),
        testPicture(1, 1),
        testPicture(3, 2),
      ]) {
        const result = BASELINES[name].run(image);
        expect([result.width, result.height, result.data.length]).toEqual([
          image.width,
          image.height,
          image.data.length,
        ]);
        expect(result.data).not.toBe(image.data);
      }
      expect(BASELINES[name].run(flatPicture(5, 5, 0)).data.every((level) => level === 0)).toBe(true);
    });
  }

  it('SRIE: reflectance within 0..1, light no darker than the picture, both together the picture', () => {
    const value = channelMaximum(picture.data);
    const { reflectance, illumination } = decompose(picture.width, picture.height, value);
    let worst = 0;
    reflectance.forEach((r, i) => {
      const l = illumination[i] as number;
      const s = Math.log(Math.max(value[i] as number, 1));
      expect(r).toBeLessThanOrEqual(0);
      expect(l).toBeGreaterThanOrEqual(s);
      worst = Math.max(worst, Math.abs(r + l - s));
    });
    expect(worst).toBeLessThan(0.2);
    const enhanced = BASELINES.srie.run(picture).data;
    // The product of both parts only approximates the picture, most visibly where it is white.
    enhanced.forEach((level, i) => {
      expect(level).toBeGreaterThanOrEqual(Math.floor(0.98 * (picture.data[i] as number)));
    });
  });
});

describe('solvers', () => {
  const random = new Random(11);

  it('the grid system is solved to its residual', () => {
    const [width, height] = [17, 11];
    const plane = (f: (i: number) => number) => ({
      width,
      height,
      data: Float64Array.from({ length: width * height }, (_, i) => f(i)),
    });
    const right = plane((i) => ((i + 1) % width === 0 ? 0 : 10 ** random.uniform(-3, 5)));
    const below = plane((i) => (i + width >= width * height ? 0 : 10 ** random.uniform(-3, 5)));
    const b = plane(() => random.uniform());
    const { data: x } = solveGrid({ right, below }, b, 1e-9);
    const at = (values: Float64Array, i: number) => values[i] as number;
    b.data.forEach((expected, i) => {
      let sum = at(x, i);
      if ((i + 1) % width !== 0) sum += at(right.data, i) * (at(x, i) - at(x, i + 1));
      if (i % width !== 0) sum += at(right.data, i - 1) * (at(x, i) - at(x, i - 1));
      if (i + width < x.length) sum += at(below.data, i) * (at(x, i) - at(x, i + width));
      if (i >= width) sum += at(below.data, i - width) * (at(x, i) - at(x, i - width));
      expect(Math.abs(sum - expected)).toBeLessThan(1e-7);
    });
  });

  it('a circular filter is the sum over all frequencies, for any size', () => {
    for (const [width, height] of [
      [8, 4],
      [5, 6],
      [1, 7],
    ] as const) {
      const size = width * height;
      const values = Float64Array.from({ length: size }, () => random.uniform(-1, 1));
      const angle = (u: number, v: number) => 2 * Math.PI * (u / width + v / height);
      const response = Float64Array.from(
        { length: size },
        (_, k) => 2 + Math.cos(angle(k % width, Math.floor(k / width))),
      );
      const filtered = circularFilter(width, height)(values, response);
      for (let i = 0; i < size; i++) {
        let sum = 0;
        for (let k = 0; k < size; k++) {
          for (let j = 0; j < size; j++) {
            const shift = angle(
              (k % width) * ((i % width) - (j % width)),
              Math.floor(k / width) * (Math.floor(i / width) - Math.floor(j / width)),
            );
            sum += ((response[k] as number) * (values[j] as number) * Math.cos(shift)) / size;
          }
        }
        expect(filtered[i]).toBeCloseTo(sum, 12);
      }
    }
  });
});

describe('fitting NIQE', () => {
  it('takes the sharp patches, and refuses too few', () => {
    const features = [1, 2, 3, 4].map((value) => new Float64Array(36).fill(value));
    const sharp = sharpPatches({ features, sharpness: [10, 7.4, 7.6, 2] });
    expect(sharp.map((patch) => patch[0])).toEqual([1, 3]);
    expect(() => fitNiqe(sharp)).toThrow(/2 sharp patches are too few/);
  });

  it('gives mean and covariance of the patches', () => {
    const random = new Random(3);
    const patches = Array.from({ length: 50 }, () =>
      Float64Array.from({ length: 36 }, () => random.normal()),
    );
    const { mean, covariance } = fitNiqe(patches);
    const column = (i: number) => patches.map((patch) => patch[i] as number);
    const average = (values: readonly number[]) =>
      values.reduce((sum, value) => sum + value, 0) / values.length;
    for (const [i, j] of [
      [0, 0],
      [3, 20],
      [35, 35],
    ] as const) {
      const [mi, mj] = [average(column(i)), average(column(j))];
      expect(mean[i]).toBeCloseTo(mi, 12);
      const products = column(i).map((value, k) => (value - mi) * ((column(j)[k] as number) - mj));
      expect(covariance[36 * i + j]).toBeCloseTo((average(products) * 50) / 49, 12);
    }
  });
});
