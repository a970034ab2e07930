import { adamStep } from '../../src/kernels/adam';
import { add } from '../../src/kernels/add';
import { balanceKernel } from '../../src/kernels/balance-kernel';
import { eluBackward, eluForward } from '../../src/kernels/elu';
import { hdrBlendBackward, hdrBlendForward } from '../../src/kernels/hdr-blend';
import { logBackward, logForward } from '../../src/kernels/log';
import { lossBackward, lossForward } from '../../src/kernels/loss';
import { movingAverageStep } from '../../src/kernels/moving-average';
import { powerBackward, powerForward } from '../../src/kernels/power';
import { reluBackward, reluForward } from '../../src/kernels/relu';
import { sumProductBackward, sumProductForward } from '../../src/kernels/sum-product';
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

const addCases = shapes.map(([shape, layout]) =>
  kernelCase(`add ${named([shape, layout])}`, async (kernels) => {
    const [a, b] = [randomDense(shape, 1), randomDense(shape, 2)];
    const y = kernels.output('y', shape, layout);
    const tensors = { a: kernels.input('a', a, layout), b: kernels.input('b', b, layout), y };
    await kernels.run(add(kernels.context, tensors));
    expectClose(kernels.read(y), reference.add(a, b).data, { name: 'y', reduction: 1 });
  }),
);

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

const reluCases = shapes.map(([shape, layout]) =>
  kernelCase(`relu ${named([shape, layout])}`, async (kernels) => {
    const [x, dy] = [randomDense(shape, 1), randomDense(shape, 2)];
    x.data[0] = 0; // the gradient at the kink is 0
    const y = kernels.output('y', shape, layout);
    const dx = kernels.output('dx', shape, layout);
    await kernels.run(reluForward(kernels.context, { x: kernels.input('x', x, layout), y }));
    await kernels.run(reluBackward(kernels.context, { y, dy: kernels.input('dy', dy, layout), dx }));
    expectSame(kernels.read(y), reference.relu(x).data, 'y');
    expectSame(kernels.read(dx), reference.reluBackward(x, dy).data, 'dx');
  }),
);

const activations = shapes.filter(([, layout]) => layout === 'activation');

const eluCases = shapes.map(([shape, layout]) =>
  kernelCase(`elu ${named([shape, layout])}`, async (kernels) => {
    const [x, dy] = [randomDense(shape, 1, -3, 3), randomDense(shape, 2)];
    x.data[0] = 0;
    const y = kernels.output('y', shape, layout);
    const dx = kernels.output('dx', shape, layout);
    await kernels.run(eluForward(kernels.context, { x: kernels.input('x', x, layout), y }));
    await kernels.run(eluBackward(kernels.context, { y, dy: kernels.input('dy', dy, layout), dx }));
    const want = reference.elu(x);
    expectClose(kernels.read(y), want.data, { name: 'y', reduction: 1 });
    expectClose(kernels.read(dx), reference.eluBackward(want, dy).data, { name: 'dx', reduction: 1 });
  }),
);

const sumProductCases = shapes.map(([shape, layout]) =>
  kernelCase(`sumProduct ${named([shape, layout])}`, async (kernels) => {
    const [a, b, dy] = [randomDense(shape, 1), randomDense(shape, 2), randomDense(shape, 3)];
    const y = kernels.output('y', shape, layout);
    const da = kernels.output('da', shape, layout);
    const [ta, tb] = [kernels.input('a', a, layout), kernels.input('b', b, layout)];
    await kernels.run([
      ...sumProductForward(kernels.context, { a: ta, b: tb, y }),
      ...sumProductBackward(kernels.context, { b: tb, dy: kernels.input('dy', dy, layout), da }),
    ]);
    expectClose(kernels.read(y), reference.sumProduct(a, b).data, { name: 'y', reduction: 2, terms: 1 });
    expectClose(kernels.read(da), reference.sumProductBackward(b, dy).data, { name: 'da', reduction: 1 });
  }),
);

const powerCases = shapes.map(([shape, layout]) =>
  kernelCase(`power ${named([shape, layout])}`, async (kernels) => {
    const [x, dy] = [randomDense(shape, 1, -1, 20), randomDense(shape, 2)];
    x.data[0] = 0; // the derivative at the kink is 0, not infinite
    const attributes = { exponent: 1 / 2.2, factor: 1 / 30 };
    const y = kernels.output('y', shape, layout);
    const dx = kernels.output('dx', shape, layout);
    const tx = kernels.input('x', x, layout);
    await kernels.run([
      ...powerForward(kernels.context, { x: tx, y }, attributes),
      ...powerBackward(kernels.context, { x: tx, dy: kernels.input('dy', dy, layout), dx }, attributes),
    ]);
    expectClose(kernels.read(y), reference.power(x, attributes).data, { name: 'y', reduction: 4 });
    expectClose(kernels.read(dx), reference.powerBackward(x, dy, attributes).data, {
      name: 'dx',
      reduction: 4,
    });
  }),
);

const logCases = activations.flatMap(([shape, layout]) =>
  [true, false].map((square) =>
    kernelCase(`log ${named([shape, layout])}, square ${square}`, async (kernels) => {
      const [x, dy] = [randomDense(shape, 1, 0, 300), randomDense(shape, 2)];
      x.data[0] = 0;
      const attributes = { scale: 1 / 255, offset: 1 / 255, square };
      const y = kernels.output('y', shape, layout);
      const dx = kernels.output('dx', shape, layout);
      const tx = kernels.input('x', x, layout);
      await kernels.run([
        ...logForward(kernels.context, { x: tx, y }, attributes),
        ...logBackward(kernels.context, { x: tx, dy: kernels.input('dy', dy, layout), dx }, attributes),
      ]);
      expectClose(kernels.read(y), reference.log(x, attributes).data, { name: 'y', reduction: 4, terms: 1 });
      expectClose(kernels.read(dx), reference.logBackward(x, dy, attributes).data, {
        name: 'dx',
        reduction: 4,
      });
    }),
  ),
);

const blendShapes: Shape[] = [
  [1, 3, 1, 1],
  [2, 3, 5, 7],
  [1, 3, 41, 37],
];

const blendCases = blendShapes.map((shape) =>
  kernelCase(`hdrBlend ${shape.join('x')}`, async (kernels) => {
    const x = randomDense(shape, 1, 0.8, 1);
    const [y, dh] = [randomDense(shape, 2, -8, 3), randomDense(shape, 3)];
    const attributes = { threshold: 0.95, offset: 1 / 255 };
    const h = kernels.output('h', shape);
    const dy = kernels.output('dy', shape);
    const photo = { x: kernels.input('x', x), y: kernels.input('y', y) };
    await kernels.run([
      ...hdrBlendForward(kernels.context, { ...photo, h }, attributes),
      ...hdrBlendBackward(kernels.context, { ...photo, dh: kernels.input('dh', dh), dy }, attributes),
    ]);
    // The mask is a small difference, blown up by 1 / (1 - threshold).
    const reduction = 20 ** 2;
    const terms = Math.exp(3);
    expectClose(kernels.read(h), reference.hdrBlend(x, y, attributes).data, { name: 'h', reduction, terms });
    expectClose(kernels.read(dy), reference.hdrBlendBackward(x, y, dh, attributes).data, {
      name: 'dy',
      reduction,
      terms,
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
  ...addCases,
  ...reluCases,
  ...eluCases,
  ...sumProductCases,
  ...powerCases,
  ...logCases,
  ...blendCases,
  ...maeCases,
  ...mseCases,
  ...adamCases,
  ...movingAverageCases,
  newMeanCase,
];
