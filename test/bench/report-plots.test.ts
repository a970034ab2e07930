import { expect, test } from 'vitest';
import { bars, roofline } from '../../src/bench/report-plots';
import { type Peak, peakRates, speedOf } from '../../src/bench/results';

const timing = (ms: number) => ({ wall: { median: ms, low: ms, high: ms }, cpu: null, rounds: 1 });
/** 1 TFLOP/s and 100 GB/s. */
const peak: Peak = {
  multiplyAdd: { timing: timing(1), flops: 1e9 },
  copy: { timing: timing(1), bytes: 1e8 },
};

test('a roofline keeps its labels within the picture', () => {
  const svg = roofline([{ name: 'conv', intensity: 900, gflops: 400 }], peak, 'wall');
  const [, width] = /viewBox="0 0 (\d+) /.exec(svg)!;
  const ticks = [...svg.matchAll(/<text x="([\d.]+)"[^>]*text-anchor="middle">(\d+)<\/text>/g)];
  expect(ticks.map(([, , label]) => label)).toContain('1000');
  // A digit is at most 7 wide in a font of 11.
  for (const [, x, label] of ticks) {
    expect(Number(x) + (7 * label!.length) / 2).toBeLessThan(Number(width));
  }
});

test('bars are as long as their values', () => {
  const list = bars(
    [
      { name: 'a < b', value: 2 },
      { name: 'c', value: 8 },
    ],
    'ms',
  );
  expect(list).toContain(
    '<span>a &lt; b</span><meter min="0" max="1" value="0.2500">2.00</meter><b>2.00 ms</b>',
  );
});

test('there are no shares of a peak that was measured with hardly any work', () => {
  const work = { flops: 1e9, bytes: 1e6 };
  expect(speedOf(timing(2), work, peak, 'wall').flopShare).toBeCloseTo(0.5, 12);
  const rough = { ...peak, isMeaningless: true };
  expect(peakRates(rough, 'wall')).toEqual({ gflops: null, gbps: null });
  expect(speedOf(timing(2), work, rough, 'wall')).toMatchObject({
    gflops: 500,
    flopShare: null,
    byteShare: null,
  });
});
