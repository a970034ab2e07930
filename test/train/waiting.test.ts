import { expect, test } from 'vitest';
import type { StepLine } from '../../src/train/log';
import { waitingRemedy, waitingShare } from '../../src/train/waiting';
import { config } from './samples';

const line = (waiting: number): StepLine => ({
  step: 1,
  loss: 1,
  lr: 1,
  imagesPerSecond: 1,
  waiting,
  time: '',
});
const onDevice = { ...config, synthesis: { ...config.synthesis, fusion: 'device' as const } };

test('a run that waited for much of its time is told what it can move', () => {
  const much = [line(0.3), { step: 1, event: 'end' as const, time: '' }, line(0.1)];
  expect(waitingShare(much)).toBeCloseTo(0.2);
  expect(waitingRemedy(much, config)).toMatch(/waited for pairs 20 % of the time: --fusion device/);
  expect(waitingRemedy(much, onDevice)).toBeUndefined();
  expect(waitingRemedy([line(0.05), line(0.1)], config)).toBeUndefined();
  expect(waitingRemedy([], config)).toBeUndefined();
});
