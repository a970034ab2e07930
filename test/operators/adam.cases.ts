import { adamStep } from '../../src/kernels/adam';
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

export const cases: readonly KernelCase[] = [...adamCases];

const betas = { beta1: 0.9, beta2: 0.999, eps: 1e-8 };
const moments = { gradient: x, m: x, v: x, schedule: t([1, 4, 1, 1]) };

export const refused: readonly Refusal[] = [
  [/^adamStep: m is/, () => adamStep(context, { ...moments, parameter: x, m: wrong }, betas)],
  [/^adamStep: schedule/, () => adamStep(context, { ...moments, parameter: x, schedule: v }, betas)],
  [/^adamStep: eps is 0/, () => adamStep(context, { ...moments, parameter: x }, { ...betas, eps: 0 })],
];
