import { describe, expect, test } from 'vitest';
import { learningRate, stepSchedule } from '../../src/train/schedule';

const schedule = { rate: 0.002, warmup: 50, steps: 1050 };

describe('learning rate', () => {
  test('rises in a straight line to the full rate, then falls along half a cosine', () => {
    expect(learningRate(schedule, 0)).toBeCloseTo(0.002 / 50, 15);
    expect(learningRate(schedule, 24)).toBeCloseTo(0.001, 15);
    expect(learningRate(schedule, 49)).toBe(0.002);
    expect(learningRate(schedule, 50)).toBe(0.002);
    expect(learningRate(schedule, 550)).toBeCloseTo(0.001, 15);
    expect(learningRate(schedule, 300)).toBeCloseTo(0.001 * (1 + Math.SQRT1_2), 15);
  });

  test('is positive at the last step and never rises after the warm-up', () => {
    for (let step = 51; step < 1050; step++) {
      expect(learningRate(schedule, step)).toBeLessThan(learningRate(schedule, step - 1));
    }
    expect(learningRate(schedule, 1049)).toBeGreaterThan(0);
  });

  test('of an extended run is the old one up to its end, then warms up and falls again', () => {
    const extended = { rate: 0.001, warmup: 10, steps: 1250, earlier: schedule };
    for (const step of [0, 49, 550, 1049])
      expect(learningRate(extended, step)).toBe(learningRate(schedule, step));
    expect(learningRate(extended, 1050)).toBeCloseTo(0.0001, 15);
    expect(learningRate(extended, 1060)).toBe(0.001);
    // Half of the way from the end of the warm-up to the last step.
    expect(learningRate(extended, 1155)).toBeCloseTo(0.0005, 15);
  });

  test('works without a warm-up and refuses steps outside the run', () => {
    expect(learningRate({ ...schedule, warmup: 0 }, 0)).toBe(0.002);
    expect(() => learningRate(schedule, 1050)).toThrow(/1050 steps/);
    expect(() => learningRate(schedule, -1)).toThrow(/outside the run/);
  });
});

test("Adam's schedule holds the rate and both bias corrections", () => {
  expect([...stepSchedule(schedule, 0)]).toEqual([
    Math.fround(0.002 / 50),
    Math.fround(1 - 0.9),
    Math.fround(1 - 0.999),
    0,
  ]);
  const late = stepSchedule(schedule, 999);
  expect(late[1]).toBe(1);
  expect(late[2]).toBeCloseTo(1 - 0.999 ** 1000, 6);
});
