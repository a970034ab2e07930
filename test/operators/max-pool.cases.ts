import { maxPoolBackward, maxPoolForward } from '../../src/kernels/max-pool';
import type { Shape } from '../../src/kernels/tensor';
import { activation, gradientCase, weight } from '../graph/gradient-case';
import { type KernelCase, kernelCase } from '../kernels/harness';
import { context, type Refusal, t, wrong, x } from '../kernels/refusals';
import * as reference from '../reference';
import { randomDense } from '../support/random';
import { expectClose } from '../tolerance';

const same = { stride: 1, padding: 1 };
const name = (shape: Shape): string => shape.join('x');

const poolShapes: Shape[] = [
  [1, 1, 2, 2],
  [2, 3, 3, 2],
  [1, 5, 7, 11],
  [3, 33, 2, 5],
  [2, 4, 34, 41],
];

const poolCases = poolShapes.map((shape) =>
  kernelCase(`max pool ${name(shape)}`, async (kernels) => {
    const random = randomDense(shape, 1);
    // Few distinct values: windows with several maxima are common.
    const x = { shape, data: random.data.map((value) => Math.round(2 * value)) };
    const want = reference.maxPool(x);
    const dy = randomDense(want.shape, 2);
    const y = kernels.output('y', want.shape);
    const dx = kernels.output('dx', shape);
    const input = kernels.input('x', x);
    await kernels.run([
      ...maxPoolForward(kernels.context, { x: input, y }),
      ...maxPoolBackward(kernels.context, { x: input, dy: kernels.input('dy', dy), dx }),
    ]);
    expectClose(kernels.read(y), want.data, { name: 'y', reduction: 1 });
    expectClose(kernels.read(dx), reference.maxPoolBackward(x, dy).data, { name: 'dx', reduction: 1 });
  }),
);

export const cases: readonly KernelCase[] = [
  ...poolCases,
  gradientCase('maxPool2x2 of odd sides, mid-graph', {
    variables: {
      x: activation(2, 2, 7, 5),
      w1: weight(5, 2, 3, 3),
      w2: weight(2, 5, 3, 3),
      target: activation(2, 2, 3, 2),
    },
    loss(o, v) {
      const middle = o.maxPool2x2(o.conv2d(v.x, v.w1, { ...same, relu: true }));
      return o.mse(o.conv2d(middle, v.w2, same), v.target);
    },
  }),
];

export const refused: readonly Refusal[] = [
  [/^maxPoolForward: y .* \[2, 3, 2, 2\] \(half of x\)/, () => maxPoolForward(context, { x, y: x })],
  [
    /^maxPoolForward: x of 1 x 5 holds no window/,
    () => maxPoolForward(context, { x: t([1, 1, 1, 5]), y: x }),
  ],
  [/^maxPoolBackward: dx/, () => maxPoolBackward(context, { x, dy: t([2, 3, 2, 2]), dx: wrong })],
];
