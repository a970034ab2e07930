import { describe, expect, it } from 'vitest';
import { InputError, ShapeError } from '../../src/errors';
import { brisqueFeatures } from '../../src/eval/metrics/brisque';
import { parseBrisqueModel } from '../../src/eval/metrics/brisque-model';
import { niqe, niqePatches, summarise } from '../../src/eval/metrics/niqe';
import { formatNiqeModel, type NiqeModel, parseNiqeModel } from '../../src/eval/metrics/niqe-model';
import { tmqi } from '../../src/eval/metrics/tmqi';
import { flatPicture, testPicture, testScene } from './procedural';

const MODEL: NiqeModel = { mean: new Float64Array(36), covariance: identity(36) };

function identity(n: number): Float64Array {
  return Float64Array.from({ length: n * n }, (_, k) => (k % (n + 1) === 0 ? 1 : 0));
}

describe('pictures that a metric is not defined on', () => {
  it('NIQE: fewer than two patches, or fewer than two with texture', () => {
    expect(() => niqe(testPicture(191, 191), MODEL)).toThrow(/two patches.*191 x 191 holds 1/);
    expect(() => niqe(testPicture(95, 400), MODEL)).toThrow(InputError);
    expect(() => niqe(flatPicture(200, 100, 130), MODEL)).toThrow(/fewer than two .* any texture/);
    expect(() => niqe(flatPicture(200, 100, 0), MODEL)).toThrow(InputError);
    // One patch of three has texture.
    const picture = flatPicture(300, 100, 130);
    const texture = testPicture(40, 40);
    for (let y = 0; y < 40; y++)
      picture.data.set(texture.data.subarray(120 * y, 120 * y + 120), 900 * (y + 30) + 90);
    expect(() => niqe(picture, MODEL)).toThrow(InputError);
  });

  it('BRISQUE: flat', () => {
    expect(() => brisqueFeatures(flatPicture(40, 30, 0))).toThrow(/flat/);
    expect(() => brisqueFeatures(flatPicture(40, 30, 130))).toThrow(InputError);
  });

  it('TMQI: small, flat, or invalid light', () => {
    const picture = testPicture(170, 165);
    const scene = testScene(picture);
    const small = testPicture(200, 160);
    expect(() => tmqi(testScene(small), small)).toThrow(/at least 161.*200 x 160/);
    expect(() => tmqi({ ...scene, data: scene.data.map(() => 3) }, picture)).toThrow(/flat/);
    expect(() => tmqi({ ...scene, data: scene.data.map(() => 0) }, picture)).toThrow(/flat/);
    for (const bad of [Number.NaN, -1e-6, Infinity]) {
      const data = scene.data.slice();
      data[301] = bad;
      expect(() => tmqi({ ...scene, data }, picture)).toThrow(new RegExp(`${bad} at pixel 100`));
    }
    expect(() => tmqi({ ...scene, data: scene.data.map((v) => v * 1e12) }, picture)).toThrow(/over 2\^33/);
    expect(() => tmqi(testScene(testPicture(165, 170)), picture)).toThrow(ShapeError);
  });

  it('TMQI: a picture against its own negative', () => {
    const picture = testPicture(170, 165);
    const negative = { ...picture, data: picture.data.map((level) => 255 - level) };
    expect(() => tmqi(testScene(negative), picture)).toThrow(/contradict/);
  });

  it('arrays that do not fit their size', () => {
    expect(() => niqePatches({ width: 200, height: 100, data: new Uint8Array(10) })).toThrow(ShapeError);
    expect(() => brisqueFeatures({ width: 0, height: 0, data: new Uint8Array(0) })).toThrow(ShapeError);
  });
});

describe('summarise', () => {
  it('leaves patches without all features out of the covariance', () => {
    const patch = (f: (i: number) => number) => Float64Array.from({ length: 36 }, (_, i) => f(i));
    const summary = summarise([
      patch((i) => i),
      patch((i) => i + 2),
      patch((i) => (i === 5 ? Number.NaN : 100)),
    ]);
    expect(summary?.mean[5]).toBe(6);
    expect(summary?.mean[0]).toBe(34);
    expect(summary?.covariance.every((value) => value === 2)).toBe(true);
    expect(summarise([patch(() => 1)])).toBeNull();
  });
});

describe('a NIQE model', () => {
  it('is unchanged after writing and reading', () => {
    const model = {
      mean: MODEL.mean.map((_, i) => i / 7),
      covariance: MODEL.covariance.map((value, k) => value + 1 / (1 + (k % 36) + Math.floor(k / 36))),
    };
    const text = formatNiqeModel(model, { source: 'test' });
    expect(parseNiqeModel(text, 'x')).toEqual(model);
    expect(JSON.parse(text)).toMatchObject({ source: 'test', patch: 96, feature_count: 36 });
  });

  it('is refused with the fault', () => {
    const good = JSON.parse(formatNiqeModel(MODEL, {}));
    const refuse = (file: unknown) => () => parseNiqeModel(JSON.stringify(file), 'model.json');
    expect(() => parseNiqeModel('svm_type epsilon_svr', 'model.json')).toThrow(/model.json is not JSON/);
    expect(refuse([1, 2])).toThrow(/no JSON object/);
    expect(refuse({ ...good, mu: good.mu.slice(1) })).toThrow(/no "mu" of 36/);
    expect(refuse({ ...good, cov: good.cov.slice(1) })).toThrow(/no "cov"/);
    expect(refuse({ ...good, patch: 64 })).toThrow(/64 pixels/);
    good.cov[3][4] = 0.5;
    expect(refuse(good)).toThrow(/not symmetric/);
  });

  it('without a valid covariance gives no score', () => {
    const negative = { ...MODEL, covariance: MODEL.covariance.map((value) => -1e6 * value) };
    expect(() => niqe(testPicture(192, 96), negative)).toThrow(/negative eigenvalues/);
  });
});

describe('a BRISQUE model', () => {
  const header = [
    'svm_type epsilon_svr',
    'kernel_type rbf',
    'gamma 0.05',
    'nr_class 2',
    'total_sv 1',
    'rho -50',
    'SV',
  ];
  const ranges = ['x', '-1 1', ...Array.from({ length: 36 }, (_, i) => `${i + 1} 0 ${i + 2}`)];
  const parse =
    (model: readonly string[], range: readonly string[] = ranges) =>
    () =>
      parseBrisqueModel(
        { name: 'all.txt', text: model.join('\n') },
        { name: 'range.txt', text: range.join('\r\n') },
      );

  it('is read', () => {
    const {
      gamma,
      rho,
      coefficients,
      supportVectors,
      ranges: read,
    } = parse([...header, '-3.5 2:0.25 36:-1'])();
    expect([gamma, rho, ...coefficients]).toEqual([0.05, -50, -3.5]);
    expect([supportVectors.length, supportVectors[0], supportVectors[1], supportVectors[35]]).toEqual([
      36, 0, 0.25, -1,
    ]);
    expect([read.lower, read.upper, read.min[4], read.max[4]]).toEqual([-1, 1, 0, 6]);
  });

  it('is refused with the fault', () => {
    expect(parse(['{"gamma": 1}'])).toThrow(/all.txt has no line "SV"/);
    expect(parse([...header])).toThrow(/announces 1 .* holds 0/);
    expect(parse([...header, '1 1:2', '1 1:3'])).toThrow(/announces 1 .* holds 2/);
    expect(parse([...header, '1 37:2'])).toThrow(/line 8/);
    expect(parse([...header, '1 one'])).toThrow(/line 8/);
    expect(parse([...header.slice(1), '1 1:2'])).toThrow(/not a regression/);
    expect(parse([...header.map((line) => line.replace('rbf', 'linear')), '1 1:2'])).toThrow(/radial basis/);
    expect(parse([...header.filter((line) => !line.startsWith('rho')), '1 1:2'])).toThrow(/no number "rho"/);
    const model = [...header, '1 1:2'];
    expect(parse(model, ['1 0 1'])).toThrow(/range.txt does not begin with "x"/);
    expect(parse(model, ranges.slice(0, -1))).toThrow(/no range for feature 36/);
    expect(parse(model, [...ranges.slice(0, -1), '36 1 1'])).toThrow(/"36 1 1"/);
  });
});
