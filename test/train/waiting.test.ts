import { expect, test } from 'vitest';
import type { LogLine, StepLine } from '../../src/train/log';
import { waitingRemedy, waitingShare } from '../../src/train/waiting';
import { config } from './samples';

const lines = (...shares: number[]): StepLine[] =>
  shares.map((waiting, i) => ({ step: i + 1, loss: 1, lr: 1, imagesPerSecond: 1, waiting, time: '' }));
const end: LogLine = { step: 7, event: 'end', time: '' };
const onDevice = { ...config, synthesis: { ...config.synthesis, fusion: 'device' as const } };

test('a run that waits for much of its time is told what it can move', () => {
  const much = lines(1, 0, 0, 0, 0, 0.3, 0.1);
  expect(waitingShare(much)).toBeCloseTo(0.2);
  expect(waitingRemedy([...much, end], config)).toMatch(/waited for pairs 20 % .* --fusion device/);
  expect(waitingRemedy(much, onDevice)).toBeUndefined();
});

test('waiting for the first pairs is nothing to mend', () => {
  expect(waitingRemedy(lines(1, 1, 0.5, 0.5, 0.5, 0.05, 0.1), config)).toBeUndefined();
  expect(waitingRemedy(lines(1), config)).toBeUndefined();
  expect(waitingRemedy([], config)).toBeUndefined();
});
