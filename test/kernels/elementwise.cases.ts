import { adamStep } from '../../src/kernels/adam';
import { balanceKernel } from '../../src/kernels/balance-kernel';
import { lossBackward, lossForward } from '../../src/kernels/loss';
import { movingAverageStep } from '../../src/kernels/moving-average';
import type { Layout, Shape } from '../../src/kernels/tensor';
import * as reference from '../reference';
import { randomDense } from '../support/random';
import { expectClose, expectSame } from '../tolerance';
import { type KernelCase, kernelCase } from './harness';

const shapes: [Shape, Layout][] = [
  [[1, 1, 1, 1], 'activation'],
  [[2, 3, 1, 7], 'activation'],
  [[3, 5, 13, 11], 'activation'],
  [[1, 33, 5, 7], 'activation'],
  [[1, 4, 41, 37], 'activation'],
  [[5, 3, 3, 3], 'weight'],
  [[1, 33, 1, 1], 'weight'],
];

const named = ([shape, layout]: [Shape, Layout]): string => `${layout} ${shape.join('x')}`;

const balanceCases = (
  [
    [1, 1, 2, 2],
    [3, 5, 4, 4],
    [33, 4, 4, 4],
    [5, 33, 6, 6],
  ] satisfies Shape[]
).map((shape) =>
  kernelCase(`balanceKernel ${shape.join('x')}`, async (kernels) => {
    const w = randomDense(shape, 1);
    const y = kernels.output('y', shape, 'weight');
    await kernels.run(balanceKernel(kernels.context, { x: kernels.input('w', w, 'weight'), y }));
    expectClose(kernels.read(y), reference.balanceKernel(w).data, {
      name: 'y',
      reduction: shape[2] * shape[3],
    });
  }),
);

const maeCases = shapes.map(([shape, layout]) =>
  kernelCase(`mae ${named([shape, layout])}`, async (kernels) => {
    const [x, target] = [randomDense(shape, 1), randomDense(shape, 2)];
    target.data[0] = x.data[0]!; // the gradient at the kink is 0
    const dloss = 0.7;
    const tensors = { x: kernels.input('x', x, layout), target: kernels.input('target', target, layout) };
    const loss = kernels.output('loss', [1, 1, 1, 1]);
    const dx = kernels.output('dx', shape, layout);
    const seed = kernels.input('dloss', reference.dense([1, 1, 1, 1], [dloss]));
    await kernels.run([
      ...lossForward(kernels.context, { ...tensors, loss }, { power: 1 }),
      ...lossBackward(kernels.context, { ...tensors, dloss: seed, dx }, { power: 1 }),
    ]);
    const reduction = x.data.length;
    expectClose(kernels.read(loss), [reference.mae(x, target)], { name: 'loss', reduction, terms: 1 });
    expectClose(kernels.read(dx), reference.maeBackward(x, target, dloss).data, { name: 'dx', reduction: 1 });
  }),
);

const mseCases = shapes.map(([shape, layout]) =>
  kernelCase(`mse ${named([shape, layout])}`, async (kernels) => {
    const [x, target] = [randomDense(shape, 1), randomDense(shape, 2)];
    const dloss = 0.7;
    const tensors = { x: kernels.input('x', x, layout), target: kernels.input('target', target, layout) };
    const loss = kernels.output('loss', [1, 1, 1, 1]);
    const dx = kernels.output('dx', shape, layout);
    const seed = kernels.input('dloss', reference.dense([1, 1, 1, 1], [dloss]));
    await kernels.run([
      ...lossForward(kernels.context, { ...tensors, loss }, { power: 2 }),
      ...lossBackward(kernels.context, { ...tensors, dloss: seed, dx }, { power: 2 }),
    ]);
    const count = x.data.length;
    expectClose(kernels.read(loss), [reference.mse(x, target)], { name: 'loss', reduction: count });
    expectClose(kernels.read(dx), reference.mseBackward(x, target, dloss).data, { name: 'dx', reduction: 1 });
  }),
);

const adamCases = shapes.map(([shape, layout]) =>
  kernelCase(`adam, three steps, ${named([shape, layout])}`, async (kernels) => {
    const attributes = { beta1: 0.9, beta2: 0.999, eps: 1e-8 };
    const parameter = kernels.input('parameter', randomDense(shape, 1), layout);
    const m = kernels.input('m', reference.zeros(shape), layout);
    const v = kernels.input('v', reference.zeros(shape), layout);
    let want = { parameter: randomDense(shape, 1), m: reference.zeros(shape), v: reference.zeros(shape) };
    for (const step of [1, 2, 3]) {
      const rate = 0.01 / step;
      const dense = randomDense(shape, 10 + step);
      dense.data[0] = 0; // no gradient yet: 0 / (0 + eps)
      const gradient = kernels.input(`gradient ${step}`, dense, layout);
      const schedule = kernels.input(
        `schedule ${step}`,
        reference.channelVector([rate, 1 - attributes.beta1 ** step, 1 - attributes.beta2 ** step, 0]),
      );
      await kernels.run(adamStep(kernels.context, { parameter, gradient, m, v, schedule }, attributes));
      want = reference.adam(want, dense, { ...attributes, rate, step });
    }
    expectClose(kernels.read(parameter), want.parameter.data, { name: 'parameter', reduction: 3 });
    expectClose(kernels.read(m), want.m.data, { name: 'm', reduction: 3 });
    expectClose(kernels.read(v), want.v.data, { name: 'v', reduction: 3 });
  }),
);

const movingAverageCases = shapes.map(([shape, layout]) =>
  kernelCase(`moving average, two steps, ${named([shape, layout])}`, async (kernels) => {
    const start = randomDense(shape, 1);
    const average = kernels.input('average', start, layout);
    const want = Float64Array.from(start.data);
    for (const step of [1, 2]) {
      const dense = randomDense(shape, 10 + step);
      const value = kernels.input(`value ${step}`, dense, layout);
      const rate = 0.5 / step;
      const schedule = kernels.input(`schedule ${step}`, reference.channelVector([0, 0, 0, rate]));
      await kernels.run(movingAverageStep(kernels.context, { average, value, schedule }));
      want.forEach((old, i) => {
        want[i] = old + rate * (dense.data[i]! - old);
      });
    }
    expectClose(kernels.read(average), want, { name: 'average', reduction: 2 });
  }),
);

const newMeanCase = kernelCase('moving average at the rate 1 is the value, to the bit', async (kernels) => {
  const shape: Shape = [2, 3, 5, 7];
  const value = randomDense(shape, 1);
  const average = kernels.input('average', randomDense(shape, 2, -1000, 1000));
  const schedule = kernels.input('schedule', reference.channelVector([0, 0, 0, 1]));
  await kernels.run(
    movingAverageStep(kernels.context, { average, value: kernels.input('value', value), schedule }),
  );
  expectSame(kernels.read(average), Float32Array.from(value.data), 'average');
});

export const cases: readonly KernelCase[] = [
  ...balanceCases,
  ...maeCases,
  ...mseCases,
  ...adamCases,
  ...movingAverageCases,
  newMeanCase,
];
