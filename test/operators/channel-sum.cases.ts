import { channelSum } from '../../src/kernels/channel-sum';
import type { Shape } from '../../src/kernels/tensor';
import { type KernelCase, kernelCase } from '../kernels/harness';
import { context, type Refusal, t, v, weight, x } from '../kernels/refusals';
import * as reference from '../reference';
import { randomDense } from '../support/random';
import { expectClose } from '../tolerance';

const name = (shape: Shape): string => shape.join('x');

const sumShapes: Shape[] = [
  [1, 1, 1, 1],
  [3, 5, 1, 1],
  [2, 33, 3, 5],
  [3, 3, 37, 29],
  [17, 4, 7, 3],
];

const channelSumCases = sumShapes.map((shape) =>
  kernelCase(`channel sum ${name(shape)}`, async (kernels) => {
    const x = randomDense(shape, 1);
    const y = kernels.output('y', [1, shape[1], 1, 1]);
    await kernels.run(channelSum(kernels.context, { x: kernels.input('x', x), y }));
    const reduction = shape[0] * shape[2] * shape[3];
    expectClose(kernels.read(y), reference.channelSum(x).data, { name: 'y', reduction, terms: 1 });
  }),
);

export const cases: readonly KernelCase[] = [...channelSumCases];

export const refused: readonly Refusal[] = [
  [/^channelSum: x is weight/, () => channelSum(context, { x: weight, y: v })],
  [/^channelSum: y/, () => channelSum(context, { x, y: t([2, 3, 1, 1]) })],
];
