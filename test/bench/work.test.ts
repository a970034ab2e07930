import { describe, expect, it } from 'vitest';
import {
  convolution,
  nameOf,
  reductionLength,
  upsampling,
  workOf,
} from '../../src/bench/convolution-problem';
import { forwardFlops, trainingFlops } from '../../src/bench/network-work';
import { networkConfig } from '../../src/model/config';

const shape = { batch: 2, from: 5, to: 7, size: 6 };

describe('work of a convolution', () => {
  it('counts every product of the direct method twice, and every tensor once', () => {
    // Two images of 6 x 6 pixels, 7 outputs, 5 inputs, 9 taps.
    expect(workOf(convolution('forward', shape))).toEqual({
      flops: 2 * (2 * 36 * 7 * 5 * 9),
      bytes: 4 * (2 * 5 * 36 + 7 * 5 * 9 + 2 * 7 * 36),
    });
    // Each of the 36 input pixels meets 16 taps.
    expect(workOf(upsampling('input gradient', shape)).flops).toBe(2 * (2 * 36 * 7 * 5 * 16));
  });

  it('knows how long its sums are', () => {
    expect(reductionLength(convolution('forward', shape))).toBe(5 * 9);
    expect(reductionLength(convolution('input gradient', shape))).toBe(7 * 9);
    expect(reductionLength(convolution('weight gradient', shape))).toBe(2 * 36);
    // Of 16 taps a stride of 2 leaves 4 to each output pixel.
    expect(reductionLength(upsampling('forward', shape))).toBe(5 * 4);
    expect(reductionLength(upsampling('input gradient', shape))).toBe(7 * 16);
  });

  it('has a name with all sizes', () => {
    expect(nameOf(convolution('forward', { ...shape, batch: 1 }))).toBe('conv 3x3 5->7 at 6x6, forward');
    expect(nameOf(upsampling('weight gradient', shape))).toBe(
      'transposed conv 4x4 5->7 at 2 x 12x12, weight gradient',
    );
  });
});

describe('work of the network', () => {
  const config = networkConfig({ width: 1, globalWidth: 1, globalSize: 32, globalEncoder: false });
  const size = 16;
  // Channels 1, 2, 4, 8, 16 at sides 16, 8, 4, 2, 1: products of each pair, both of 9 taps.
  const encoder = [0, 1, 2, 3, 4].reduce((sum, level) => {
    const [inputs, outputs, pixels] = [level === 0 ? 3 : 2 ** (level - 1), 2 ** level, 4 ** (4 - level)];
    return sum + 9 * pixels * outputs * (inputs + outputs);
  }, 0);
  const decoder = [3, 2, 1, 0].reduce((sum, level) => {
    const [outputs, pixels] = [2 ** level, 4 ** (4 - level)];
    const up = 16 * (pixels / 4) * 2 * outputs * outputs;
    return sum + up + 9 * pixels * outputs * (2 * outputs + outputs);
  }, 0);
  const output = 9 * 256 * 3;

  it('is that of its convolutions', () => {
    expect(forwardFlops({ config, batch: 3, size })).toBe(2 * 3 * (encoder + decoder + output));
  });

  it('is three times as much in training, except for the gradient of the photo', () => {
    const first = 2 * 9 * 256 * 3;
    expect(trainingFlops({ config, batch: 1, size })).toBe(
      3 * forwardFlops({ config, batch: 1, size }) - first,
    );
  });

  it('has the global encoder at its own size, whatever the photo', () => {
    const full = { ...config, globalEncoder: true };
    // 3 -> 1 and four times 1 -> 1, each at half the side of the one before; a last kernel of 1 x 1.
    const global = 9 * (3 * 32 ** 2 + 16 ** 2 + 8 ** 2 + 4 ** 2 + 2 ** 2) + 1;
    const joined = forwardFlops({ config: full, batch: 1, size }) - forwardFlops({ config, batch: 1, size });
    // The join widens the first upsampling by the channels of the global feature: 1 -> 8, 16 taps at one pixel.
    expect(joined).toBe(2 * (global + 16 * 8));
  });
});
