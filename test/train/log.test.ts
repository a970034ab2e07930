import { describe, expect, test } from 'vitest';
import { formatCsv, formatLine, keepThrough, type LogLine, parseLog } from '../../src/train/log';

const time = '2026-01-01T00:00:00.000Z';
const line = (step: number): LogLine => ({
  step,
  loss: step / 3,
  lr: 0.002,
  imagesPerSecond: 5,
  waiting: 0,
  time,
});

test('a log as a table has steps and validations, and no events', () => {
  const lines: LogLine[] = [
    { step: 0, event: 'start', time },
    line(3),
    { step: 3, psnr: 20.5, best: { step: 2, psnr: 21 }, time },
  ];
  expect(formatCsv(lines).split('\r\n')).toEqual([
    'step,loss,lr,imagesPerSecond,waiting,psnr,best,time',
    `3,1,0.002,5,0,,,${time}`,
    `3,,,,,20.5,21,${time}`,
    '',
  ]);
});

describe('log', () => {
  test('keeps the lines up to the checkpoint and drops a truncated line', () => {
    const start: LogLine = { step: 0, event: 'start', time };
    const lines = [
      start,
      line(1),
      line(2),
      { step: 2, psnr: 12, best: { step: 2, psnr: 12 }, time },
      line(3),
    ];
    const text = lines.map(formatLine).join('');
    expect(parseLog(keepThrough(`${text}{"step":4,"lo`, 2))).toEqual(lines.slice(0, 4));
    expect(keepThrough(`${text}{"step":4,"lo`, 9)).toBe(text);
    expect(keepThrough('', 5)).toBe('');
  });

  test('a number comes back as the same float', () => {
    const loss = Math.fround(0.123456789);
    expect(parseLog(formatLine({ ...(line(1) as object), loss } as LogLine))).toMatchObject([{ loss }]);
  });
});
