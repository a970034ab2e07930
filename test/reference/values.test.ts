import { expect, test } from 'vitest';
import * as reference from '.';
import { channelVector, dense } from '.';

// Small results worked out by hand, so that the oracle itself is checked.

const close = (got: Float64Array, want: number[]) => {
  expect(got.length).toBe(want.length);
  want.forEach((value, at) => {
    expect(got[at]).toBeCloseTo(value, 12);
  });
};

test('conv2d is a cross-correlation: the kernel is not flipped', () => {
  const x = dense([1, 1, 2, 3], [1, 2, 3, 4, 5, 6]);
  const w = dense([1, 1, 2, 2], [1, 10, 100, 1000]);
  const y = reference.conv2d(x, w, channelVector([0.5]), { stride: 1, padding: 0 });
  expect(y.shape).toEqual([1, 1, 1, 2]);
  close(y.data, [1 + 20 + 400 + 5000 + 0.5, 2 + 30 + 500 + 6000 + 0.5]);
});

test('conv2d adds input channels, pads with zero and strides', () => {
  const x = dense([1, 2, 2, 2], [1, 2, 3, 4, 10, 20, 30, 40]);
  const w = dense([1, 2, 3, 3], Array<number>(18).fill(1));
  close(reference.conv2d(x, w, undefined, { stride: 2, padding: 1 }).data, [110]);
  close(reference.conv2d(x, w, undefined, { stride: 1, padding: 1 }).data, [110, 110, 110, 110]);
});

test('transposed conv writes the kernel, weights are [in, out, height, width]', () => {
  const x = dense([1, 1, 1, 2], [1, 10]);
  const w = dense([1, 2, 1, 3], [1, 2, 3, 4, 5, 6]);
  const y = reference.convTranspose2d(x, w, channelVector([0, 100]), { stride: 2, padding: 0 });
  expect(y.shape).toEqual([1, 2, 1, 5]);
  close(y.data, [1, 2, 3 + 10, 20, 30, 104, 105, 106 + 40, 150, 160]);
});

test('transposed conv crops by its padding', () => {
  const x = dense([1, 1, 1, 1], [2]);
  const w = dense(
    [1, 1, 4, 4],
    Array.from({ length: 16 }, (_, at) => at),
  );
  close(reference.convTranspose2d(x, w, undefined, { stride: 2, padding: 1 }).data, [10, 12, 18, 20]);
});

test('batch norm: biased variance for the batch, unbiased for the running one', () => {
  const x = dense([2, 1, 1, 2], [1, 3, 5, 7]);
  const state = {
    gamma: channelVector([2]),
    beta: channelVector([1]),
    runningMean: channelVector([10]),
    runningVariance: channelVector([1]),
  };
  const result = reference.batchNormTraining(x, state, { eps: 0, momentum: 0.1 });
  const deviation = Math.sqrt(5);
  close(result.mean.data, [4]);
  close(result.rstd.data, [1 / deviation]);
  close(
    result.y.data,
    [-3, -1, 1, 3].map((d) => 1 + (2 * d) / deviation),
  );
  close(result.runningMean.data, [0.9 * 10 + 0.1 * 4]);
  close(result.runningVariance.data, [0.9 + (0.1 * 20) / 3]);
  close(reference.batchNormInference(x, state, 3).data, [-8, -6, -4, -2]);
});

test('max pool leaves out an odd edge; the first maximum takes the gradient', () => {
  const x = dense([1, 1, 3, 5], [1, 2, 7, 7, 9, 3, 3, 7, 6, 9, 9, 9, 9, 9, 9]);
  close(reference.maxPool(x).data, [3, 7]);
  const dx = reference.maxPoolBackward(x, dense([1, 1, 1, 2], [10, 20]));
  close(dx.data, [0, 0, 20, 0, 0, 10, 0, 0, 0, 0, 0, 0, 0, 0, 0]);
});

test('bilinear resize: half-pixel centres, clamped edges', () => {
  const row = dense([1, 1, 1, 2], [0, 4]);
  close(reference.resizeBilinear(row, 1, 4).data, [0, 1, 3, 4]);
  close(reference.resizeBilinear(row, 2, 1).data, [2, 2]);
  const ramp = dense([1, 1, 1, 6], [0, 1, 2, 3, 4, 5]);
  close(reference.resizeBilinear(ramp, 1, 2).data, [1, 4]);
  close(reference.resizeBilinear(ramp, 1, 3).data, [0.5, 2.5, 4.5]);
});

test('mean squared error', () => {
  const x = dense([1, 2, 1, 2], [1, 2, 3, 4]);
  const target = dense([1, 2, 1, 2], [1, 0, 3, 0]);
  expect(reference.mse(x, target)).toBe((4 + 16) / 4);
  close(reference.mseBackward(x, target, 3).data, [0, 3, 0, 6]);
});

test('the first step of Adam has the size of the rate, whatever the gradient', () => {
  const zero = channelVector([0, 0]);
  const options = { rate: 0.1, beta1: 0.9, beta2: 0.999, eps: 0, step: 1 };
  const first = reference.adam(
    { parameter: channelVector([1, 1]), m: zero, v: zero },
    channelVector([50, -0.01]),
    options,
  );
  close(first.parameter.data, [0.9, 1.1]);
  close(first.m.data, [5, -0.001]);
  close(first.v.data, [2.5, 1e-7]);
  const second = reference.adam(first, channelVector([50, 0.01]), { ...options, step: 2 });
  close(second.m.data, [9.5, 0.0001]);
  close(second.parameter.data, [0.8, 1.1 - (0.1 * 0.0001) / 0.19 / 0.01]);
});
