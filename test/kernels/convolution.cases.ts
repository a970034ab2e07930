import type { AdapterTraits } from '../../src/gpu/types';
import {
  convTranspose2dForward,
  convTranspose2dInputGradient,
  convTranspose2dWeightGradient,
} from '../../src/kernels/conv-transpose2d';
import { conv2dForward, conv2dInputGradient, conv2dWeightGradient } from '../../src/kernels/conv2d';
import type { Shape } from '../../src/kernels/tensor';
import * as reference from '../reference';
import { randomDense } from '../support/random';
import { expectClose } from '../tolerance';
import { type KernelCase, KernelHarness } from './harness';

interface Case {
  readonly x: Shape;
  readonly outputs: number;
  readonly kernel: number;
  readonly stride: number;
  readonly padding: number;
}

const c = (x: Shape, outputs: number, kernel: number, stride: number, padding: number): Case => ({
  ...{ x, outputs, kernel, stride, padding },
});

const CONVOLUTIONS = [
  c([1, 3, 9, 7], 5, 3, 1, 1),
  c([2, 5, 8, 8], 4, 3, 1, 1),
  c([1, 4, 1, 1], 4, 3, 1, 1),
  c([1, 1, 1, 17], 1, 3, 1, 1),
  c([3, 1, 17, 19], 33, 3, 1, 1),
  c([1, 33, 5, 41], 12, 3, 1, 1),
  c([2, 33, 5, 13], 3, 5, 1, 2),
  c([1, 4, 7, 7], 5, 1, 1, 0),
  c([2, 4, 4, 4], 5, 4, 1, 0),
  c([1, 5, 6, 9], 4, 4, 1, 0),
  c([2, 5, 11, 9], 4, 3, 2, 1),
  c([1, 3, 7, 7], 4, 1, 2, 0),
  c([2, 6, 12, 10], 9, 4, 2, 1),
  c([1, 5, 13, 11], 4, 7, 2, 3),
];

const TRANSPOSED = [
  c([1, 3, 4, 7], 5, 4, 2, 1),
  c([2, 33, 5, 3], 4, 4, 2, 1),
  c([3, 4, 1, 1], 1, 4, 2, 1),
  c([1, 16, 9, 17], 12, 4, 2, 1),
  c([1, 4, 3, 3], 4, 3, 2, 1),
  c([2, 5, 4, 4], 3, 2, 2, 0),
  c([1, 4, 4, 4], 5, 3, 1, 1),
  c([1, 4, 3, 4], 5, 5, 3, 1),
];

/** Every family is right on every adapter that can run it, also where the choice would not take it. */
const FAMILIES: readonly { name: string; traits: (traits: AdapterTraits) => AdapterTraits }[] = [
  { name: 'chosen', traits: (traits) => traits },
  { name: 'direct', traits: (traits) => ({ ...traits, subgroupSize: 0 }) },
];

const describe = ({ x, outputs, kernel, stride, padding }: Case): string =>
  `[${x.join(', ')}] -> ${outputs}, kernel ${kernel}, stride ${stride}, padding ${padding}`;

function convolutionCase(family: (typeof FAMILIES)[number], k: Case): KernelCase {
  return {
    name: `conv2d (${family.name}) ${describe(k)}`,
    async run(gpu) {
      const a = { stride: k.stride, padding: k.padding };
      const x = randomDense(k.x, 'x');
      const w = randomDense([k.outputs, k.x[1], k.kernel, k.kernel], 'w');
      const bias = randomDense([1, k.outputs, 1, 1], 'bias');
      const y = reference.conv2d(x, w, bias, a);
      const rectified = reference.relu(y);
      const dy = randomDense(y.shape, 'dy');
      const harness = new KernelHarness(gpu);
      const context = { ...harness.context, traits: family.traits(gpu.traits) };
      const t = {
        x: harness.input('x', x),
        w: harness.input('w', w, 'weight'),
        bias: harness.input('bias', bias),
        dy: harness.input('dy', dy),
        y: harness.output('y', y.shape),
        rectified: harness.output('rectified', y.shape),
        dx: harness.output('dx', x.shape),
        dw: harness.output('dw', w.shape, 'weight'),
      };
      await harness.run([
        ...conv2dForward(context, t, a),
        ...conv2dForward(context, { ...t, y: t.rectified }, { ...a, relu: true }),
        ...conv2dInputGradient(context, t, a),
        ...conv2dWeightGradient(context, t, a),
      ]);
      const area = k.kernel * k.kernel;
      const check = (name: 'y' | 'rectified' | 'dx' | 'dw', want: reference.Dense, reduction: number) =>
        expectClose(harness.read(t[name]), want.data, { name, reduction });
      check('y', y, k.x[1] * area);
      check('rectified', rectified, k.x[1] * area);
      check('dx', reference.conv2dInputGradient(dy, w, x.shape, a), k.outputs * area);
      check('dw', reference.conv2dWeightGradient(x, dy, w.shape, a), y.shape[0] * y.shape[2] * y.shape[3]);
    },
  };
}

function transposedCase(family: (typeof FAMILIES)[number], k: Case): KernelCase {
  return {
    name: `convTranspose2d (${family.name}) ${describe(k)}`,
    async run(gpu) {
      const a = { stride: k.stride, padding: k.padding };
      const x = randomDense(k.x, 'x');
      const w = randomDense([k.x[1], k.outputs, k.kernel, k.kernel], 'w');
      const bias = randomDense([1, k.outputs, 1, 1], 'bias');
      const y = reference.convTranspose2d(x, w, bias, a);
      const dy = randomDense(y.shape, 'dy');
      const harness = new KernelHarness(gpu);
      const context = { ...harness.context, traits: family.traits(gpu.traits) };
      const t = {
        x: harness.input('x', x),
        w: harness.input('w', w, 'weight'),
        bias: harness.input('bias', bias),
        dy: harness.input('dy', dy),
        y: harness.output('y', y.shape),
        dx: harness.output('dx', x.shape),
        dw: harness.output('dw', w.shape, 'weight'),
      };
      await harness.run([
        ...convTranspose2dForward(context, t, a),
        ...convTranspose2dInputGradient(context, t, a),
        ...convTranspose2dWeightGradient(context, t, a),
      ]);
      const area = k.kernel * k.kernel;
      const check = (name: 'y' | 'dx' | 'dw', want: reference.Dense, reduction: number) =>
        expectClose(harness.read(t[name]), want.data, { name, reduction });
      check('y', y, k.x[1] * area);
      check('dx', reference.convTranspose2dInputGradient(dy, w, x.shape, a), k.outputs * area);
      check('dw', reference.convTranspose2dWeightGradient(x, dy, w.shape, a), k.x[0] * k.x[2] * k.x[3]);
    },
  };
}

export const cases: readonly KernelCase[] = FAMILIES.flatMap((family) => [
  ...CONVOLUTIONS.map((k) => convolutionCase(family, k)),
  ...TRANSPOSED.map((k) => transposedCase(family, k)),
]);
