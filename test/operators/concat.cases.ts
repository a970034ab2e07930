import { concatBackward, concatForward } from '../../src/kernels/concat';
import { activation, gradientCase, weight } from '../graph/gradient-case';
import { type KernelCase, kernelCase } from '../kernels/harness';
import { context, type Refusal, t, wrong, x } from '../kernels/refusals';
import * as reference from '../reference';
import { randomDense } from '../support/random';
import { expectSame } from '../tolerance';

const same = { stride: 1, padding: 1 };
/** Channels of a and b: every remainder of both, the end of a inside and at the edge of a block. */
const concatChannels: [number, number][] = [
  [4, 4],
  [8, 3],
  [1, 1],
  [1, 3],
  [1, 4],
  [2, 5],
  [3, 1],
  [3, 6],
  [5, 3],
  [6, 33],
  [7, 2],
  [33, 4],
];

const concatCases = concatChannels.map(([first, second], at) =>
  kernelCase(`concat ${first} and ${second} channels`, async (kernels) => {
    const batch = 1 + (at % 3);
    const a = randomDense([batch, first, 5, 7], 1);
    const b = randomDense([batch, second, 5, 7], 2);
    const dy = randomDense([batch, first + second, 5, 7], 3);
    const y = kernels.output('y', dy.shape);
    const da = kernels.output('da', a.shape);
    const db = kernels.output('db', b.shape);
    await kernels.run([
      ...concatForward(kernels.context, { a: kernels.input('a', a), b: kernels.input('b', b), y }),
      ...concatBackward(kernels.context, { dy: kernels.input('dy', dy), da, db }),
    ]);
    expectSame(kernels.read(y), reference.concat(a, b).data, 'y');
    expectSame(kernels.read(da), reference.channels(dy, 0, first).data, 'da');
    expectSame(kernels.read(db), reference.channels(dy, first, first + second).data, 'db');
  }),
);

export const cases: readonly KernelCase[] = [
  ...concatCases,
  gradientCase('concat off the blocks of four, mid-graph', {
    variables: {
      x: activation(2, 3, 5, 3),
      w1: weight(5, 3, 3, 3),
      w2: weight(6, 3, 3, 3),
      w3: weight(2, 11, 3, 3),
      target: activation(2, 2, 5, 3),
    },
    loss(o, v) {
      const a = o.relu(o.conv2d(v.x, v.w1, same));
      const b = o.relu(o.conv2d(v.x, v.w2, same));
      return o.mse(o.conv2d(o.relu(o.concat(a, b)), v.w3, same), v.target);
    },
  }),
];

export const refused: readonly Refusal[] = [
  [/^concatForward: b/, () => concatForward(context, { a: x, b: wrong, y: t([2, 6, 4, 5]) })],
  [/^concatForward: y .* \[2, 6, 4, 5\]/, () => concatForward(context, { a: x, b: x, y: t([2, 8, 4, 5]) })],
  [/^concatBackward: dy/, () => concatBackward(context, { dy: x, da: x, db: x })],
];
