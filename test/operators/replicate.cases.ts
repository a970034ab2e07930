import { replicateBackward, replicateForward } from '../../src/kernels/replicate';
import type { Shape } from '../../src/kernels/tensor';
import { type KernelCase, kernelCase } from '../kernels/harness';
import { context, type Refusal, v, x } from '../kernels/refusals';
import * as reference from '../reference';
import { randomDense } from '../support/random';
import { expectClose, expectSame } from '../tolerance';

const name = (shape: Shape): string => shape.join('x');

const sumShapes: Shape[] = [
  [1, 1, 1, 1],
  [3, 5, 1, 1],
  [2, 33, 3, 5],
  [3, 3, 37, 29],
  [17, 4, 7, 3],
];

const replicateCases = sumShapes.map((shape) =>
  kernelCase(`replicate over ${name(shape)}`, async (kernels) => {
    const [batch, channels, height, width] = shape;
    const x = randomDense([batch, channels, 1, 1], 1);
    const dy = randomDense(shape, 2);
    const y = kernels.output('y', shape);
    const dx = kernels.output('dx', x.shape);
    await kernels.run([
      ...replicateForward(kernels.context, { x: kernels.input('x', x), y }),
      ...replicateBackward(kernels.context, { dy: kernels.input('dy', dy), dx }),
    ]);
    expectSame(kernels.read(y), reference.replicate(x, height, width).data, 'y');
    const comparison = { name: 'dx', reduction: height * width, terms: 1 };
    expectClose(kernels.read(dx), reference.replicateBackward(dy).data, comparison);
  }),
);

export const cases: readonly KernelCase[] = [...replicateCases];

export const refused: readonly Refusal[] = [
  [/^replicateForward: x/, () => replicateForward(context, { x: v, y: x })],
  [/^replicateBackward: dx/, () => replicateBackward(context, { dy: x, dx: v })],
];
