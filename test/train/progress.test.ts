import { describe, expect, test } from 'vitest';
import type { LogLine } from '../../src/train/log';
import { duration, TrainProgress } from '../../src/train/node/progress';

const time = '2026-01-01T00:00:00.000Z';
const step = (number: number): LogLine => ({
  ...{ step: number, loss: 0.5, lr: 0.002, imagesPerSecond: 8, waiting: 0, time },
});

/** The output without a terminal. */
function plain(show: (progress: TrainProgress) => void): string[] {
  let written = '';
  const stream = {
    isTTY: false,
    write: (text: string) => {
      written += text;
      return true;
    },
  };
  const config = { batch: 16, schedule: { rate: 0.002, warmup: 0, steps: 100 } };
  show(new TrainProgress(config, 0, stream as unknown as NodeJS.WriteStream));
  return written.split('\n').slice(0, -1);
}

describe('progress without a terminal', () => {
  test('has loss, images a second and the time left, every ten seconds', () => {
    const lines = plain((progress) => {
      progress.show({ step: 0, event: 'start', time }, 0);
      for (let number = 1; number <= 13; number++) progress.show(step(number), 2000 * number);
    });
    expect(lines).toEqual([
      'step 1/100 loss 0.5000 | 8.0 images/s',
      'step 6/100 loss 0.5000 | 8.0 images/s | 3 min 8 s left',
      'step 11/100 loss 0.5000 | 8.0 images/s | 2 min 58 s left',
    ]);
  });

  test('has the share of the peak where it was measured', () => {
    // 16 images are 1e9 operations: at 8 images a second 5e8 a second, a fifth of the peak.
    const work = { flopsPerStep: 1e9, peak: 2.5e9 };
    const lines = plain((progress) => {
      progress.show({ step: 0, event: 'start', work, time }, 0);
      progress.show(step(1), 1000);
    });
    expect(lines).toEqual(['step 1/100 loss 0.5000 | 8.0 images/s | 20 % of peak']);
  });

  test('shows every validation and the last step', () => {
    const lines = plain((progress) => {
      progress.show(step(98), 0);
      progress.show({ step: 98, psnr: 21.337, best: { step: 98, psnr: 21.337 }, time }, 1);
      progress.show(step(99), 1000);
      progress.show(step(100), 2000);
    });
    expect(lines).toHaveLength(3);
    expect(lines[1]).toContain('validation 21.34 dB');
    expect(lines[2]).toMatch(/^step 100\/100.*0 s left$/);
  });
});

test('durations', () => {
  expect([400, 61_000, 3_599_000, 7_500_000].map(duration)).toEqual([
    '0 s',
    '1 min 1 s',
    '59 min 59 s',
    '2 h 5 min',
  ]);
});
