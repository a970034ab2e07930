import { balanceKernel } from '../../src/kernels/balance-kernel';
import type { Shape } from '../../src/kernels/tensor';
import { activation, gradientCase, weight } from '../graph/gradient-case';
import { type KernelCase, kernelCase } from '../kernels/harness';
import * as reference from '../reference';
import { randomDense } from '../support/random';
import { expectClose } from '../tolerance';

const same = { stride: 1, padding: 1 };
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

export const cases: readonly KernelCase[] = [
  ...balanceCases,
  gradientCase('balanceKernel on the weights of a transposed convolution, mid-graph', {
    variables: {
      x: activation(2, 3, 3, 5),
      w1: weight(6, 3, 3, 3),
      w2: weight(6, 5, 4, 4),
      b2: activation(1, 5, 1, 1),
      w3: weight(2, 5, 3, 3),
      target: activation(2, 2, 6, 10),
    },
    loss(o, v) {
      const before = o.conv2d(v.x, v.w1, { ...same, relu: true });
      const middle = o.convTranspose2d(before, o.balanceKernel(v.w2), {
        stride: 2,
        padding: 1,
        bias: v.b2,
        relu: true,
      });
      return o.mse(o.conv2d(middle, v.w3, same), v.target);
    },
  }),
];
