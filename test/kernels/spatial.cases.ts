import { channelSum } from '../../src/kernels/channel-sum';
import { concatBackward, concatForward } from '../../src/kernels/concat';
import { maxPoolBackward, maxPoolForward } from '../../src/kernels/max-pool';
import { replicateBackward, replicateForward } from '../../src/kernels/replicate';
import { resizeBilinearBackward, resizeBilinearForward } from '../../src/kernels/resize';
import type { Shape } from '../../src/kernels/tensor';
import * as reference from '../reference';
import { randomDense } from '../support/random';
import { expectClose, expectSame } from '../tolerance';
import { type KernelCase, kernelCase } from './harness';

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
  ...channelSumCases,
  ...replicateCases,
  ...poolCases,
  ...concatCases,
  ...resizeCases,
];
