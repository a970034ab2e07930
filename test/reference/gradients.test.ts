import { describe, expect, test } from 'vitest';
import type { Shape } from '../../src/kernels/tensor';
import { numericalGradient } from '../support/finite-difference';
import { randomDense } from '../support/random';
import type { Dense } from '.';
import * as reference from '.';

/** Each backward of the oracle against central differences of its own forward. */
function expectGradient(got: Dense, f: (x: Dense) => Dense, x: Dense, dy: Dense): void {
  const want = numericalGradient(f, x, dy);
  expect(got.shape).toEqual(want.shape);
  got.data.forEach((value, at) => {
    expect(value).toBeCloseTo(want.data[at]!, 7);
  });
}

const convolutions: [x: Shape, w: Shape, stride: number, padding: number, paddingAfter?: number][] = [
  [[2, 3, 5, 4], [2, 3, 3, 3], 1, 1],
  [[1, 2, 7, 6], [3, 2, 3, 3], 2, 1],
  [[1, 2, 5, 5], [2, 2, 5, 5], 1, 2],
  [[2, 1, 6, 5], [2, 1, 4, 4], 1, 0],
  [[1, 2, 6, 7], [1, 2, 2, 3], 3, 2],
  [[2, 3, 1, 1], [2, 3, 1, 1], 1, 0],
  [[1, 2, 6, 8], [3, 2, 5, 5], 2, 1, 2],
];

describe.each(convolutions)(
  'conv2d of %j by %j, stride %i, padding %i',
  (xShape, wShape, stride, padding, paddingAfter = padding) => {
    const attributes = { stride, padding, paddingAfter };
    const x = randomDense(xShape, 1);
    const w = randomDense(wShape, 2);
    const bias = randomDense([1, wShape[0], 1, 1], 3);
    const dy = randomDense(reference.conv2dShape(xShape, wShape, attributes), 4);

    test('input gradient', () => {
      const dx = reference.conv2dInputGradient(dy, w, xShape, attributes);
      expectGradient(dx, (v) => reference.conv2d(v, w, bias, attributes), x, dy);
    });
    test('weight gradient', () => {
      const dw = reference.conv2dWeightGradient(x, dy, wShape, attributes);
      expectGradient(dw, (v) => reference.conv2d(x, v, bias, attributes), w, dy);
    });
    test('bias gradient', () => {
      expectGradient(reference.channelSum(dy), (v) => reference.conv2d(x, w, v, attributes), bias, dy);
    });
  },
);

const transposed: [x: Shape, w: Shape, stride: number, padding: number, paddingAfter?: number][] = [
  [[2, 3, 3, 4], [3, 2, 4, 4], 2, 1],
  [[1, 2, 4, 3], [2, 3, 3, 3], 1, 1],
  [[2, 1, 3, 2], [1, 2, 2, 3], 3, 0],
  [[1, 2, 2, 3], [2, 3, 3, 3], 2, 0, 1],
];

describe.each(transposed)(
  'transposed conv of %j by %j, stride %i, padding %i',
  (xShape, wShape, stride, padding, paddingAfter = padding) => {
    const attributes = { stride, padding, paddingAfter };
    const x = randomDense(xShape, 1);
    const w = randomDense(wShape, 2);
    const bias = randomDense([1, wShape[1], 1, 1], 3);
    const dy = randomDense(reference.convTranspose2dShape(xShape, wShape, attributes), 4);

    test('input gradient', () => {
      const dx = reference.convTranspose2dInputGradient(dy, w, xShape, attributes);
      expectGradient(dx, (v) => reference.convTranspose2d(v, w, bias, attributes), x, dy);
    });
    test('weight gradient', () => {
      const dw = reference.convTranspose2dWeightGradient(x, dy, wShape, attributes);
      expectGradient(dw, (v) => reference.convTranspose2d(x, v, bias, attributes), w, dy);
    });
    test('bias gradient', () => {
      expectGradient(
        reference.channelSum(dy),
        (v) => reference.convTranspose2d(x, w, v, attributes),
        bias,
        dy,
      );
    });
  },
);

describe('batch norm', () => {
  const x = randomDense([2, 3, 3, 2], 1, 1, 4);
  const dy = randomDense([2, 3, 3, 2], 2);
  const gamma = randomDense([1, 3, 1, 1], 3, 0.5, 2);
  const beta = randomDense([1, 3, 1, 1], 4);
  const running = {
    runningMean: randomDense([1, 3, 1, 1], 5),
    runningVariance: randomDense([1, 3, 1, 1], 6, 0, 1),
  };
  const forward = (v: Dense, g = gamma, b = beta) =>
    reference.batchNormTraining(v, { gamma: g, beta: b, ...running }, { eps: 1e-5, momentum: 0.1 });
  const { dx, dgamma, dbeta } = reference.batchNormBackward(x, dy, gamma, forward(x));

  test('dx', () => expectGradient(dx, (v) => forward(v).y, x, dy));
  test('dgamma', () => expectGradient(dgamma, (v) => forward(x, v).y, gamma, dy));
  test('dbeta', () => expectGradient(dbeta, (v) => forward(x, gamma, v).y, beta, dy));
});

describe('pointwise and spatial', () => {
  const x = randomDense([2, 3, 5, 4], 1);

  test('relu', () => {
    const dy = randomDense(x.shape, 2);
    expectGradient(reference.reluBackward(reference.relu(x), dy), reference.relu, x, dy);
  });

  test('mae', () => {
    const target = randomDense(x.shape, 2);
    const dloss = reference.dense([1, 1, 1, 1], [0.7]);
    const f = (v: Dense) => reference.dense([1, 1, 1, 1], [reference.mae(v, target)]);
    expectGradient(reference.maeBackward(x, target, 0.7), f, x, dloss);
  });

  test('max pool', () => {
    const dy = randomDense([2, 3, 2, 2], 2);
    expectGradient(reference.maxPoolBackward(x, dy), reference.maxPool, x, dy);
  });

  test('concat', () => {
    const b = randomDense([2, 2, 5, 4], 2);
    const dy = randomDense([2, 5, 5, 4], 3);
    expectGradient(reference.channels(dy, 0, 3), (v) => reference.concat(v, b), x, dy);
    expectGradient(reference.channels(dy, 3, 5), (v) => reference.concat(x, v), b, dy);
  });

  test('replicate', () => {
    const vector = randomDense([2, 3, 1, 1], 2);
    const dy = randomDense([2, 3, 5, 4], 3);
    expectGradient(reference.replicateBackward(dy), (v) => reference.replicate(v, 5, 4), vector, dy);
  });

  test.each([
    [9, 7],
    [3, 2],
    [1, 1],
    [5, 4],
  ])('resize to %i x %i', (height, width) => {
    const dy = randomDense([2, 3, height, width], 2);
    const dx = reference.resizeBilinearBackward(dy, x.shape);
    expectGradient(dx, (v) => reference.resizeBilinear(v, height, width), x, dy);
  });

  test('mse', () => {
    const target = randomDense(x.shape, 2);
    const dloss = reference.dense([1, 1, 1, 1], [0.7]);
    const f = (v: Dense) => reference.dense([1, 1, 1, 1], [reference.mse(v, target)]);
    expectGradient(reference.mseBackward(x, target, 0.7), f, x, dloss);
  });
});

describe.each([
  [
    [2, 48, 3, 2],
    [2, 3, 5, 4],
  ],
  [
    [1, 96, 1, 1],
    [1, 3, 2, 3],
  ],
] satisfies [Shape, Shape][])('bilateral slice of %j, %j', (gridShape, shape) => {
  const grid = randomDense(gridShape, 1);
  const guide = randomDense([shape[0], 1, shape[2], shape[3]], 2, -9, 9);
  const x = randomDense(shape, 3);
  const dy = randomDense(shape, 4);
  const gradients = reference.bilateralSliceBackward(grid, guide, x, dy);

  test('gradient of the grid', () => {
    expectGradient(gradients.dgrid, (v) => reference.bilateralSlice(v, guide, x), grid, dy);
  });
  test('gradient of the guide', () => {
    expectGradient(gradients.dguide, (v) => reference.bilateralSlice(grid, v, x), guide, dy);
  });
  test('gradient of the colours', () => {
    expectGradient(gradients.dx, (v) => reference.bilateralSlice(grid, guide, v), x, dy);
  });
});
