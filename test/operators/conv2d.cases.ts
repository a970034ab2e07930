import { describe as nameOf } from '../../src/gpu/device';
import type { AdapterTraits, Gpu } from '../../src/gpu/types';
import {
  conv2dForward,
  conv2dInputGradient,
  conv2dWeightGradient,
  convTranspose2dForward,
  convTranspose2dInputGradient,
  convTranspose2dWeightGradient,
} from '../../src/kernels/conv2d';
import { type ConvolutionFamily, type KernelPolicy, policyFor } from '../../src/kernels/policy';
import type { Shape } from '../../src/kernels/tensor';
import { activation, gradientCase, weight } from '../graph/gradient-case';
import { cases as bandCases } from '../kernels/convolution/bands.cases';
import { cases as workgroupCases } from '../kernels/convolution/workgroup.cases';
import { type KernelCase, KernelHarness } from '../kernels/harness';
import * as reference from '../reference';
import { errorGrowth, WINOGRAD_POINTS, winogradMatrices } from '../reference/winograd';
import { randomDense } from '../support/random';
import { expectClose } from '../tolerance';

interface Case {
  readonly x: Shape;
  readonly outputs: number;
  readonly kernel: number;
  readonly stride: number;
  readonly padding: number;
  readonly paddingAfter: number;
}

const c = (
  x: Shape,
  outputs: number,
  kernel: number,
  stride: number,
  padding: number,
  paddingAfter = padding,
): Case => ({
  ...{ x, outputs, kernel, stride, padding, paddingAfter },
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
  c([2, 5, 8, 12], 9, 3, 2, 0, 1),
  c([1, 8, 10, 18], 5, 5, 2, 1, 2),
  c([2, 3, 16, 6], 8, 7, 2, 2, 3),
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
  c([2, 9, 4, 6], 5, 3, 2, 0, 1),
  c([1, 5, 5, 9], 8, 5, 2, 1, 2),
  c([2, 8, 3, 8], 3, 7, 2, 2, 3),
];

/** A choice of kernels that the cases run with on every adapter. */
interface Family {
  readonly name: string;
  traits(traits: AdapterTraits): AdapterTraits;
  policy(policy: KernelPolicy, traits: AdapterTraits, at: number): KernelPolicy;
  /** Lanes of a subgroup that it is made for; adapters with another number fall back and prove nothing. */
  readonly lanes?: number;
  /** The ratio of its terms to those of the sum itself. */
  readonly growth: number;
}

const asGpu = (traits: AdapterTraits): AdapterTraits => ({ ...traits, isSoftware: false, subgroupSize: 0 });
const unchanged = <T>(value: T): T => value;
const families = (first: ConvolutionFamily): Pick<KernelPolicy, 'gather' | 'weightGradient'> => ({
  gather: [first],
  weightGradient: [first],
});
const winograd = (policy: KernelPolicy): KernelPolicy => ({
  ...policy,
  ...families('winograd'),
  winogradChannels: { gather: 1, weightGradient: 1 },
  winogradTiles: 1,
});

/** Every family must be correct on every adapter that can run it, even if it is never chosen there. */
const FAMILIES: readonly Family[] = [
  { name: 'chosen', traits: unchanged, policy: unchanged, growth: 1 },
  {
    name: 'subgroup',
    traits: unchanged,
    policy: (policy) => ({ ...policy, ...families('subgroup') }),
    lanes: 8,
    growth: 1,
  },
  {
    name: 'matrix',
    traits: unchanged,
    // Made for 4 lanes; elsewhere runs of 8 pixels stand for all, as each length compiles for seconds.
    policy: (policy, { subgroupSize }, at) => ({
      ...policy,
      ...families('matrix'),
      matrixPixels: subgroupSize === 4 ? ([4, 8, 16] as const)[at % 3]! : 8,
    }),
    growth: 1,
  },
  {
    name: 'workgroup',
    traits: asGpu,
    policy: (policy) => ({ ...policy, ...families('workgroup') }),
    growth: 1,
  },
  {
    name: 'direct',
    traits: unchanged,
    policy: (policy) => ({ ...policy, ...families('direct') }),
    growth: 1,
  },
];

const WINOGRAD_GROWTH = errorGrowth(winogradMatrices(WINOGRAD_POINTS, 4, 3));

/** Winograd with the matrix product of the adapter and with that of GPUs; other shapes are checked above. */
const WINOGRAD: readonly Family[] = [
  { name: 'winograd', traits: unchanged, policy: winograd, growth: WINOGRAD_GROWTH },
  { name: 'winograd as on GPUs', traits: asGpu, policy: winograd, growth: WINOGRAD_GROWTH },
];

/** A device whose dispatches are so small that the transposition of weights must be folded. */
const FOLDED: Family = {
  name: 'at most 64 workgroups per dimension',
  traits: (traits) => ({ ...traits, limits: { ...traits.limits, maxComputeWorkgroupsPerDimension: 64 } }),
  policy: (policy) => ({ ...policy, ...families('direct'), workgroup: 4 }),
  growth: 1,
};

function isSkipped({ name, lanes }: Family, { traits }: Gpu): boolean {
  if (lanes === undefined || lanes === traits.subgroupSize) return false;
  console.log(`SKIPPED: ${nameOf(traits)} has no subgroups of ${lanes} lanes, which ${name} needs.`);
  return true;
}

const describe = ({ x, outputs, kernel, stride, padding, paddingAfter }: Case): string =>
  `[${x.join(', ')}] -> ${outputs}, kernel ${kernel}, stride ${stride}, padding ${padding} and ${paddingAfter}`;

function convolutionCase(family: Family, k: Case, at: number): KernelCase {
  return {
    name: `conv2d (${family.name}) ${describe(k)}`,
    async run(gpu) {
      if (isSkipped(family, gpu)) return;
      const a = { stride: k.stride, padding: k.padding, paddingAfter: k.paddingAfter };
      const x = randomDense(k.x, 'x');
      const w = randomDense([k.outputs, k.x[1], k.kernel, k.kernel], 'w');
      const bias = randomDense([1, k.outputs, 1, 1], 'bias');
      const y = reference.conv2d(x, w, bias, a);
      const rectified = reference.relu(y);
      const dy = randomDense(y.shape, 'dy');
      const harness = new KernelHarness(gpu);
      const traits = family.traits(gpu.traits);
      const context = { ...harness.context, traits, policy: family.policy(policyFor(traits), traits, at) };
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
        expectClose(harness.read(t[name]), want.data, { name, reduction: reduction * family.growth ** 2 });
      check('y', y, k.x[1] * area);
      check('rectified', rectified, k.x[1] * area);
      check('dx', reference.conv2dInputGradient(dy, w, x.shape, a), k.outputs * area);
      check('dw', reference.conv2dWeightGradient(x, dy, w.shape, a), y.shape[0] * y.shape[2] * y.shape[3]);
    },
  };
}

function transposedCase(family: Family, k: Case, at: number): KernelCase {
  return {
    name: `convTranspose2d (${family.name}) ${describe(k)}`,
    async run(gpu) {
      if (isSkipped(family, gpu)) return;
      const a = { stride: k.stride, padding: k.padding, paddingAfter: k.paddingAfter };
      const x = randomDense(k.x, 'x');
      const w = randomDense([k.x[1], k.outputs, k.kernel, k.kernel], 'w');
      const bias = randomDense([1, k.outputs, 1, 1], 'bias');
      const y = reference.convTranspose2d(x, w, bias, a);
      const dy = randomDense(y.shape, 'dy');
      const harness = new KernelHarness(gpu);
      const traits = family.traits(gpu.traits);
      const context = { ...harness.context, traits, policy: family.policy(policyFor(traits), traits, at) };
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

/** Shapes for Winograd: off its tile of 4x4 pixels, off the 32 rows of its products, with several of each. */
const WINOGRAD_CONVOLUTIONS = [
  ...CONVOLUTIONS.filter(({ kernel, stride }) => kernel === 3 && stride === 1),
  c([1, 4, 4, 4], 4, 3, 1, 1),
  c([2, 5, 6, 7], 33, 3, 1, 0),
  c([1, 7, 5, 6], 3, 3, 1, 2),
  c([1, 36, 17, 21], 36, 3, 1, 1),
];

const same = { stride: 1, padding: 1 };
/** TensorFlow's SAME for kernels of 5x5 and 7x7 with stride 2. */
const five = { stride: 2, padding: 1, paddingAfter: 2 };
const seven = { stride: 2, padding: 2, paddingAfter: 3 };

export const cases: readonly KernelCase[] = [
  ...FAMILIES.flatMap((family) => [
    ...CONVOLUTIONS.map((k, at) => convolutionCase(family, k, at)),
    ...TRANSPOSED.map((k, at) => transposedCase(family, k, at)),
  ]),
  convolutionCase(FOLDED, c([1, 20, 5, 6], 36, 3, 1, 1), 0),
  ...workgroupCases,
  ...bandCases,
  ...WINOGRAD.flatMap((family) => WINOGRAD_CONVOLUTIONS.map((k, at) => convolutionCase(family, k, at))),
  gradientCase('conv2d 3x3, bias and ReLU fused, mid-graph', {
    variables: {
      x: activation(2, 3, 7, 5),
      w1: weight(5, 3, 3, 3),
      b1: activation(1, 5, 1, 1),
      w2: weight(6, 5, 3, 3),
      b2: activation(1, 6, 1, 1),
      w3: weight(1, 6, 3, 3),
      target: activation(2, 1, 7, 5),
    },
    loss(o, v) {
      const before = o.conv2d(v.x, v.w1, { ...same, bias: v.b1, relu: true });
      const middle = o.conv2d(before, v.w2, { ...same, bias: v.b2, relu: true });
      return o.mse(o.conv2d(middle, v.w3, same), v.target);
    },
  }),
  gradientCase('conv2d with stride 2, and 4x4 without padding, mid-graph', {
    variables: {
      x: activation(2, 2, 12, 11),
      w1: weight(3, 2, 3, 3),
      w2: weight(5, 3, 3, 3),
      w3: weight(4, 5, 4, 4),
      w4: weight(2, 4, 1, 1),
      target: activation(2, 2, 3, 3),
    },
    loss(o, v) {
      const before = o.relu(o.conv2d(v.x, v.w1, same));
      const strided = o.conv2d(before, v.w2, { stride: 2, padding: 1, relu: true });
      const valid = o.relu(o.conv2d(strided, v.w3, { stride: 1, padding: 0 }));
      return o.mse(o.conv2d(valid, v.w4, { stride: 1, padding: 0 }), v.target);
    },
  }),
  gradientCase('convTranspose2d 4x4 stride 2, bias and ReLU fused, mid-graph', {
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
      const middle = o.convTranspose2d(before, v.w2, { stride: 2, padding: 1, bias: v.b2, relu: true });
      return o.mse(o.conv2d(middle, v.w3, same), v.target);
    },
  }),
  gradientCase('convTranspose2d 3x3 stride 3 without padding, mid-graph', {
    variables: {
      x: activation(1, 2, 3, 2),
      w1: weight(3, 2, 3, 3),
      w2: weight(3, 1, 3, 3),
      w3: weight(3, 1, 3, 3),
      target: activation(1, 3, 9, 6),
    },
    loss(o, v) {
      const before = o.relu(o.conv2d(v.x, v.w1, same));
      const middle = o.convTranspose2d(before, v.w2, { stride: 3, padding: 0 });
      return o.mse(o.conv2d(o.relu(middle), v.w3, same), v.target);
    },
  }),
  gradientCase('strided 5x5 and 7x7 with more padding behind, ELU, shift-only norm, sum and product, mae', {
    variables: {
      x: activation(2, 3, 8, 12),
      w1: weight(5, 3, 7, 7),
      'n1.shift': activation(1, 5, 1, 1),
      w2: weight(6, 5, 5, 5),
      w3: weight(6, 5, 5, 5),
      'n3.shift': activation(1, 5, 1, 1),
      w4: weight(5, 3, 7, 7),
      target: activation(2, 3, 8, 12),
    },
    loss(o, v) {
      const skip = o.elu(o.shiftNorm(o.conv2d(v.x, v.w1, seven), v['n1.shift']));
      const deep = o.elu(o.conv2d(skip, v.w2, five));
      const up = o.elu(o.shiftNorm(o.convTranspose2d(deep, v.w3, five), v['n3.shift']));
      return o.mae(o.elu(o.convTranspose2d(o.sumProduct(up, skip), v.w4, seven)), v.target);
    },
  }),
];
