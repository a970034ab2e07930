import { lossBackward, lossForward } from '../../src/kernels/loss';
import type { Layout, Shape } from '../../src/kernels/tensor';
import { type KernelCase, kernelCase } from '../kernels/harness';
import { context, type Refusal, t, v, wrong, x } from '../kernels/refusals';
import * as reference from '../reference';
import { randomDense } from '../support/random';
import { expectClose } from '../tolerance';

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

export const cases: readonly KernelCase[] = [...maeCases, ...mseCases];

export const refused: readonly Refusal[] = [
  [
    /^lossForward: target/,
    () => lossForward(context, { x, target: wrong, loss: t([1, 1, 1, 1]) }, { power: 2 }),
  ],
  [/^lossForward: loss/, () => lossForward(context, { x, target: x, loss: v }, { power: 1 })],
  [/^lossBackward: dloss/, () => lossBackward(context, { x, target: x, dloss: v, dx: x }, { power: 2 })],
];
