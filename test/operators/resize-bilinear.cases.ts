import { resizeBilinearBackward, resizeBilinearForward } from '../../src/kernels/resize';
import type { Shape } from '../../src/kernels/tensor';
import { activation, gradientCase, weight } from '../graph/gradient-case';
import { type KernelCase, kernelCase } from '../kernels/harness';
import { context, type Refusal, t, x } from '../kernels/refusals';
import * as reference from '../reference';
import { randomDense } from '../support/random';
import { expectClose } from '../tolerance';

const same = { stride: 1, padding: 1 };
const name = (shape: Shape): string => shape.join('x');

const resizes: [Shape, height: number, width: number][] = [
  [[1, 1, 1, 1], 3, 5],
  [[2, 3, 5, 7], 5, 7],
  [[1, 4, 4, 6], 8, 12],
  [[1, 5, 8, 12], 4, 6],
  [[3, 3, 17, 11], 5, 13],
  [[1, 33, 3, 4], 1, 1],
  [[2, 1, 2, 29], 31, 3],
];

const resizeCases = resizes.map(([shape, height, width]) =>
  kernelCase(`resize ${name(shape)} to ${height}x${width}`, async (kernels) => {
    const x = randomDense(shape, 1);
    const want = reference.resizeBilinear(x, height, width);
    const dy = randomDense(want.shape, 2);
    const y = kernels.output('y', want.shape);
    const dx = kernels.output('dx', shape);
    await kernels.run([
      ...resizeBilinearForward(kernels.context, { x: kernels.input('x', x), y }),
      ...resizeBilinearBackward(kernels.context, { dy: kernels.input('dy', dy), dx }),
    ]);
    expectClose(kernels.read(y), want.data, { name: 'y', reduction: 4, terms: 1 });
    const readers = Math.max(1, (4 * height * width) / (shape[2] * shape[3]));
    const wantDx = reference.resizeBilinearBackward(dy, shape).data;
    expectClose(kernels.read(dx), wantDx, { name: 'dx', reduction: readers, terms: 1 });
  }),
);

export const cases: readonly KernelCase[] = [
  ...resizeCases,
  gradientCase('resizeBilinear down and up, mid-graph', {
    variables: {
      x: activation(2, 2, 7, 9),
      w1: weight(3, 2, 3, 3),
      w2: weight(5, 3, 3, 3),
      w3: weight(2, 5, 3, 3),
      target: activation(2, 2, 11, 6),
    },
    loss(o, v) {
      const before = o.relu(o.conv2d(v.x, v.w1, same));
      const small = o.conv2d(o.resizeBilinear(before, { height: 4, width: 5 }), v.w2, {
        ...same,
        relu: true,
      });
      const large = o.resizeBilinear(small, { height: 11, width: 6 });
      return o.mse(o.conv2d(large, v.w3, same), v.target);
    },
  }),
];

export const refused: readonly Refusal[] = [
  [/^resizeBilinearForward: y/, () => resizeBilinearForward(context, { x, y: t([1, 3, 8, 8]) })],
  [
    /^resizeBilinearForward: .* too large/,
    () => resizeBilinearForward(context, { x: t([1, 1, 1, 70000]), y: t([1, 1, 1, 70000]) }),
  ],
  [/^resizeBilinearBackward: dy/, () => resizeBilinearBackward(context, { dx: x, dy: t([2, 4, 8, 8]) })],
];
