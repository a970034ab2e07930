import { movingAverageStep } from '../../src/kernels/moving-average';
import type { Layout, Shape } from '../../src/kernels/tensor';
import { type KernelCase, kernelCase } from '../kernels/harness';
import * as reference from '../reference';
import { randomDense } from '../support/random';
import { expectClose, expectSame } from '../tolerance';

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

export const cases: readonly KernelCase[] = [...movingAverageCases, newMeanCase];
