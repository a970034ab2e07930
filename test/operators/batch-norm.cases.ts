import { batchNormBackward, batchNormInference, batchNormTraining } from '../../src/kernels/batch-norm';
import type { Shape } from '../../src/kernels/tensor';
import { activation, gradientCase, weight } from '../graph/gradient-case';
import { type KernelCase, KernelHarness, kernelCase } from '../kernels/harness';
import { context, type Refusal, v, wrong, x } from '../kernels/refusals';
import type { Dense } from '../reference';
import * as reference from '../reference';
import { randomDense } from '../support/random';
import { expectClose, expectSame } from '../tolerance';

const same = { stride: 1, padding: 1 };
const EPS = 1e-5;
const MOMENTUM = 0.1;

const shapes: Shape[] = [
  [2, 1, 1, 1],
  [16, 5, 1, 1],
  [1, 3, 5, 7],
  [3, 33, 3, 2],
  [2, 4, 37, 29],
  [17, 3, 4, 4],
];

const name = (shape: Shape): string => shape.join('x');
const countOf = ([n, , h, w]: Shape): number => n * h * w;

function problem(shape: Shape, x = randomDense(shape, 1, -1, 2)) {
  const vector: Shape = [1, shape[1], 1, 1];
  const state = {
    gamma: randomDense(vector, 2, 0.5, 2),
    beta: randomDense(vector, 3),
    runningMean: randomDense(vector, 4),
    runningVariance: randomDense(vector, 5, 0.5, 2),
  };
  state.gamma.data[0]! *= -1; // a learnt scale may be negative
  return { x, state, dy: randomDense(shape, 6) };
}

function inputs(kernels: KernelHarness, { x, state }: ReturnType<typeof problem>) {
  return {
    x: kernels.input('x', x),
    gamma: kernels.input('gamma', state.gamma),
    beta: kernels.input('beta', state.beta),
    runningMean: kernels.input('running mean', state.runningMean),
    runningVariance: kernels.input('running variance', state.runningVariance),
  };
}

/** Forward and backward in training form, as the device computes them. */
async function train(kernels: KernelHarness, given: ReturnType<typeof problem>, relu: boolean) {
  const { shape } = given.x;
  const vector: Shape = [1, shape[1], 1, 1];
  const { x, gamma, beta, runningMean, runningVariance } = inputs(kernels, given);
  const [y, dx] = [kernels.output('y', shape), kernels.output('dx', shape)];
  const [mean, rstd] = [kernels.output('mean', vector), kernels.output('rstd', vector)];
  const [dgamma, dbeta] = [kernels.output('dgamma', vector), kernels.output('dbeta', vector)];
  const forward = { x, gamma, beta, runningMean, runningVariance, y, mean, rstd };
  const backward = { x, dy: kernels.input('dy', given.dy), gamma, beta, mean, rstd, dx, dgamma, dbeta };
  await kernels.run([
    ...batchNormTraining(kernels.context, forward, { eps: EPS, momentum: MOMENTUM, relu }),
    ...batchNormBackward(kernels.context, backward, { relu }),
  ]);
  const results = { y, mean, rstd, runningMean, runningVariance, dx, dgamma, dbeta };
  return Object.fromEntries(
    Object.entries(results).map(([key, tensor]) => [key, kernels.read(tensor)]),
  ) as Record<keyof typeof results, Float32Array>;
}

function trainReference({ x, state, dy }: ReturnType<typeof problem>, relu: boolean) {
  const forward = reference.batchNormTraining(x, state, { eps: EPS, momentum: MOMENTUM });
  const masked: Dense = relu ? reference.reluBackward(forward.y, dy) : dy;
  const backward = reference.batchNormBackward(x, masked, state.gamma, forward);
  return { ...forward, ...backward, y: relu ? reference.relu(forward.y) : forward.y };
}

const trainingCases = [false, true].flatMap((relu) =>
  shapes.map((shape) =>
    kernelCase(`training and backward ${name(shape)}${relu ? ', relu' : ''}`, async (kernels) => {
      const given = problem(shape);
      const got = await train(kernels, given, relu);
      const want = trainReference(given, relu);
      const reduction = countOf(shape);
      const largestScale = 2 * Math.max(...want.rstd.data);
      for (const key of ['y', 'mean', 'rstd', 'runningMean', 'runningVariance', 'dgamma', 'dbeta'] as const) {
        expectClose(got[key], want[key].data, { name: key, reduction, terms: 1 });
      }
      // dx is a difference of terms of the size gamma rstd dy.
      expectClose(got.dx, want.dx.data, { name: 'dx', reduction, terms: largestScale });
    }),
  ),
);

const inferenceCases = [false, true].flatMap((relu) =>
  shapes.map((shape) =>
    kernelCase(`inference ${name(shape)}${relu ? ', relu' : ''}`, async (kernels) => {
      const given = problem(shape);
      const y = kernels.output('y', shape);
      const tensors = { ...inputs(kernels, given), y };
      await kernels.run(batchNormInference(kernels.context, tensors, { eps: EPS, relu }));
      const plain = reference.batchNormInference(given.x, given.state, EPS);
      const want = relu ? reference.relu(plain) : plain;
      expectClose(kernels.read(y), want.data, { name: 'y', reduction: 3, terms: 1 });
    }),
  ),
);

/** Deviations of 1 around 10000: the sum of squares minus the squared sum would have no correct digit. */
const offsetCase = kernelCase('variance where the mean is far larger than the deviation', async (kernels) => {
  const shape: Shape = [4, 5, 23, 19];
  const noise = randomDense(shape, 1);
  const x = { shape, data: noise.data.map((value) => Math.fround(value + 10000)) };
  const given = problem(shape, x);
  const got = await train(kernels, given, false);
  const want = trainReference(given, false);
  const reduction = countOf(shape);
  expectClose(got.mean, want.mean.data, { name: 'mean', reduction: 1 });
  expectClose(got.rstd, want.rstd.data, { name: 'rstd', reduction });
  expectClose(got.runningVariance, want.runningVariance.data, { name: 'running variance', reduction });
});

const constantCase = kernelCase('a constant channel has variance zero', async (kernels) => {
  const shape: Shape = [2, 3, 9, 11];
  const given = problem(
    shape,
    reference.build(shape, (_, c) => 3 + 7 * c),
  );
  const got = await train(kernels, given, false);
  expectSame(got.mean, Float32Array.of(3, 10, 17), 'mean');
  expectClose(got.rstd, Array(3).fill(1 / Math.sqrt(EPS)), { name: 'rstd', reduction: 1 });
  expectClose(got.y, reference.build(shape, (_, c) => given.state.beta.data[c]!).data, {
    name: 'y',
    reduction: 1,
  });
});

const repeatCase = kernelCase('two runs agree to the bit', async (kernels) => {
  const given = problem([3, 7, 31, 23]);
  const first = await train(kernels, given, true);
  const again = new KernelHarness(kernels.gpu, kernels.context.traits);
  const second = await train(again, given, true);
  for (const key of Object.keys(first) as (keyof typeof first)[]) expectSame(second[key], first[key], key);
});

export const cases: readonly KernelCase[] = [
  ...trainingCases,
  ...inferenceCases,
  offsetCase,
  constantCase,
  repeatCase,
  gradientCase('batchNorm mid-graph', {
    variables: {
      x: activation(3, 2, 5, 3),
      w1: weight(5, 2, 3, 3),
      'bn.gamma': activation(1, 5, 1, 1),
      'bn.beta': activation(1, 5, 1, 1),
      w2: weight(3, 5, 3, 3),
      target: activation(3, 3, 5, 3),
    },
    ranges: { 'bn.gamma': [0.5, 1.5] },
    loss(o, v) {
      const middle = o.batchNorm(o.conv2d(v.x, v.w1, same), v['bn.gamma'], v['bn.beta'], {});
      return o.mse(o.conv2d(o.relu(middle), v.w2, same), v.target);
    },
  }),
  gradientCase('batchNorm with ReLU fused, mid-graph', {
    variables: {
      x: activation(3, 2, 5, 3),
      w1: weight(6, 2, 3, 3),
      'bn.gamma': activation(1, 6, 1, 1),
      'bn.beta': activation(1, 6, 1, 1),
      w2: weight(3, 6, 3, 3),
      target: activation(3, 3, 5, 3),
    },
    ranges: { 'bn.gamma': [0.5, 1.5] },
    loss(o, v) {
      const middle = o.batchNorm(o.conv2d(v.x, v.w1, same), v['bn.gamma'], v['bn.beta'], { relu: true });
      return o.mse(o.conv2d(middle, v.w2, same), v.target);
    },
  }),
  gradientCase('batchNorm of one value per image, mid-graph', {
    variables: {
      x: activation(4, 3, 2, 2),
      w1: weight(5, 3, 2, 2),
      'bn.gamma': activation(1, 5, 1, 1),
      'bn.beta': activation(1, 5, 1, 1),
      target: activation(4, 5, 3, 2),
    },
    ranges: { 'bn.gamma': [0.5, 1.5] },
    loss(o, v) {
      const vector = o.conv2d(v.x, v.w1, { stride: 1, padding: 0 });
      const middle = o.batchNorm(vector, v['bn.gamma'], v['bn.beta'], { relu: true });
      return o.mse(o.replicate(middle, { height: 3, width: 2 }), v.target);
    },
  }),
];

const vectors = { gamma: v, beta: v, runningMean: v, runningVariance: v, mean: v, rstd: v };
const training = { eps: 1e-5, momentum: 0.1 };

export const refused: readonly Refusal[] = [
  [/^batchNormTraining: y/, () => batchNormTraining(context, { x, y: wrong, ...vectors }, training)],
  [
    /^batchNormTraining: gamma .* \[1, 3, 1, 1\]/,
    () => batchNormTraining(context, { x, y: x, ...vectors, gamma: x }, training),
  ],
  [
    /^batchNormTraining: eps is 0/,
    () => batchNormTraining(context, { x, y: x, ...vectors }, { ...training, eps: 0 }),
  ],
  [/^batchNormTraining: one value/, () => batchNormTraining(context, { x: v, y: v, ...vectors }, training)],
  [
    /^batchNormInference: beta/,
    () => batchNormInference(context, { x, y: x, ...vectors, beta: x }, { eps: 1 }),
  ],
  [
    /^batchNormBackward: dgamma/,
    () => batchNormBackward(context, { x, dy: x, dx: x, ...vectors, dgamma: x, dbeta: v }, {}),
  ],
];
