import { beforeAll, describe, expect, test } from 'vitest';
import type { RgbImage } from '../../src/eval/image';
import { brisque, brisqueFeatures, scaleFeatures } from '../../src/eval/metrics/brisque';
import { BRISQUE_FIT, fitBrisque, loadSvm, type ScoredFeatures } from '../../src/eval/metrics/brisque-fit';
import { type BrisqueModel, parseBrisqueModel } from '../../src/eval/metrics/brisque-model';
import { parseScores } from '../../src/eval/node/fit-brisque';
import { Random } from '../../src/random';
import { testPicture } from './procedural';

const LEVELS = [0, 8, 16, 24, 32, 48];

/** A picture with noise of this many levels. */
function noisy(seed: number, level: number): RgbImage {
  const picture = testPicture(64, 64, seed);
  const random = new Random(seed).fork('noise');
  const data = picture.data.map((value) => {
    const noise = level === 0 ? 0 : random.integer(2 * level + 1) - level;
    return Math.min(Math.max(value + noise, 0), 255);
  });
  return { ...picture, data };
}

const sample = (seed: number, level: number): ScoredFeatures => ({
  features: brisqueFeatures(noisy(seed, level)),
  score: 2 * level,
});

describe('a model of BRISQUE fitted to noisy pictures', () => {
  const samples = [1, 2, 3, 4].flatMap((seed) => LEVELS.map((level) => sample(seed, level)));
  let model: BrisqueModel;
  let text: string;
  let SVM: Awaited<ReturnType<typeof loadSvm>>;
  beforeAll(async () => {
    SVM = await loadSvm();
    const files = await fitBrisque(samples);
    text = files.model;
    model = parseBrisqueModel({ name: 'model', text }, { name: 'ranges', text: files.ranges });
  });

  test('orders pictures that it has not seen', () => {
    for (const seed of [11, 12]) {
      const scores = LEVELS.map((level) => brisque(noisy(seed, level), model));
      expect(scores).toEqual([...scores].sort((a, b) => a - b));
    }
  });

  test('stays within the tube, or slightly beyond, on its own pictures', () => {
    const errors = samples.map(({ features, score }) => {
      const machine = SVM.load(text);
      const [predicted] = machine.predict([[...scaleFeatures(features, model.ranges)]]);
      machine.free();
      return Math.abs(predicted! - score);
    });
    expect(Math.max(...errors)).toBeLessThan(2 * BRISQUE_FIT.epsilon);
  });

  test("is read here as libsvm's own predictor reads it", () => {
    const machine = SVM.load(text);
    for (const level of LEVELS) {
      const picture = noisy(21, level);
      const [predicted] = machine.predict([[...scaleFeatures(brisqueFeatures(picture), model.ranges)]]);
      expect(Math.abs(brisque(picture, model) - predicted!)).toBeLessThan(1e-6);
    }
    machine.free();
  });

  test('leaves no listeners that would end the process', () => {
    expect(process.listeners('unhandledRejection').map(String).join()).not.toMatch(/\["exit"\]/);
  });
});

describe('data that no model can be fitted to', () => {
  test('scores that are all the same', async () => {
    const same = [1, 2].map((seed) => ({ ...sample(seed, 8), score: 3 }));
    await expect(fitBrisque(same)).rejects.toThrow(/different scores/);
    await expect(fitBrisque([])).rejects.toThrow(/different scores/);
  });

  test('pictures that are all the same', async () => {
    const { features } = sample(1, 8);
    const same = [1, 2].map((score) => ({ features, score }));
    await expect(fitBrisque(same)).rejects.toThrow(/Feature 1 .* same in all pictures/);
  });
});

describe('a table of scores', () => {
  test('may have a heading, quotes, commas in names, and empty lines', () => {
    const table = 'file,score\na.png,1.5\r\n"b, c.png", -2\n\n';
    expect([...parseScores(table, 't')]).toEqual([
      ['a.png', 1.5],
      ['b, c.png', -2],
    ]);
    expect([...parseScores('a.png,1', 't')]).toEqual([['a.png', 1]]);
  });

  test.each([
    ['a.png,1\nb.png', /line 2, "b\.png"/],
    ['a.png,1\nb.png,good', /line 2/],
    ['a.png,1\nb.png,', /line 2/],
    ['a.png,1\na.png,2', /two scores; the second is in line 2/],
    ['file,score\n', /no scores/],
  ])('%j is refused', (table, message) => {
    expect(() => parseScores(table, 'table.csv')).toThrow(message);
  });
});
