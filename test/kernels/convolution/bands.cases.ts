import type { KernelCall } from '../../../src/gpu/kernel-call';
import { conv2dForward, conv2dWeightGradient } from '../../../src/kernels/conv2d';
import { boundedBands } from '../../../src/kernels/convolution/bands';
import { firstFamily } from '../../../src/kernels/convolution/families';
import { gridParts } from '../../../src/kernels/convolution/grid-parts';
import { forwardGather, type Gather, inputGradientGathers } from '../../../src/kernels/convolution/lattice';
import { type ConvolutionFamily, type KernelPolicy, policyFor } from '../../../src/kernels/policy';
import { randomDense } from '../../support/random';
import { expectSame } from '../../tolerance';
import { type KernelCase, KernelHarness } from '../harness';

const SIZE = [37, 22] as const;

/** A convolution, one with a stride, and the four phases of a transposed one. */
const GATHERS: readonly (readonly [name: string, kernel: 3 | 4, x: number, y: number, gathers: Gather[]])[] =
  [
    ['3x3', 3, 1, 1, [forwardGather([3, 3], SIZE, { stride: 1, padding: 1 })]],
    ['4x4 stride 2', 4, 2, 1, [forwardGather([4, 4], SIZE, { stride: 2, padding: 1 })]],
    ['4x4 transposed', 4, 1, 2, inputGradientGathers([4, 4], [74, 44], { stride: 2, padding: 1 })],
  ];

const FAMILIES: readonly ConvolutionFamily[] = ['subgroup', 'matrix', 'workgroup', 'direct'];

/** Bands of a gather have the same bits as the whole, in every family. */
const bandCases: readonly KernelCase[] = GATHERS.map(([name, kernel, xScale, yScale, gathers]) => ({
  name: `bands of rows have the bits of the whole, ${name}`,
  async run(gpu) {
    for (const family of FAMILIES) {
      const policy = { ...policyFor(gpu.traits), gather: [family] };
      const harness = new KernelHarness(gpu, gpu.traits, policy);
      const x = harness.input('x', randomDense([2, 5, xScale * SIZE[0], xScale * SIZE[1]], 'x'));
      const w = harness.input('w', randomDense([6, 5, kernel, kernel], 'w'), 'weight');
      const bias = harness.input('bias', randomDense([1, 6, 1, 1], 'bias'));
      const shape = [2, 6, yScale * SIZE[0], yScale * SIZE[1]] as const;
      const [whole, banded] = [harness.output('whole', shape), harness.output('banded', shape)];
      const calls = (y: typeof whole, parts: readonly Gather[]) =>
        parts.flatMap((gather) =>
          firstFamily(policy.gather, (made) =>
            made.gather(harness.context, { x, w, y, bias, gather, relu: false }),
          ),
        );
      const bands = gathers.flatMap((gather) => boundedBands({ x, y: banded, gather }, 1));
      if (bands.length !== 3 * gathers.length) throw new Error(`${bands.length} bands`);
      await harness.run([...calls(whole, gathers), ...calls(banded, bands)]);
      expectSame(harness.read(banded), harness.read(whole), family);
    }
  },
}));

/** For a weight gradient, of which only the first call may be divided: the other adds up. */
const inParts = (calls: readonly KernelCall<string>[]) =>
  calls.flatMap((call) => (call.flops > 0 ? gridParts(call, call.flops / 5) : [call]));

/** Parts of a grid have the same bits as the whole, for every axis that can be the longest. */
const gridCases: readonly KernelCase[] = [
  [1, 5, 37, 22],
  [9, 5, 5, 6],
  [1, 130, 5, 6],
].map(([n, channels, height, width]) => ({
  name: `parts of a grid have the bits of the whole, [${n}, ${channels}, ${height}, ${width}]`,
  async run(gpu) {
    const policy: KernelPolicy = {
      ...policyFor(gpu.traits),
      gather: ['workgroup'],
      weightGradient: ['workgroup'],
    };
    const harness = new KernelHarness(gpu, gpu.traits, policy);
    const shape = [n!, channels!, height!, width!] as const;
    const attributes = { stride: 1, padding: 1 };
    const x = harness.input('x', randomDense(shape, 'x'));
    const w = harness.input('w', randomDense([channels!, channels!, 3, 3], 'w'), 'weight');
    const [y, yParts] = [harness.output('y', shape), harness.output('y in parts', shape)];
    const dw = harness.output('dw', w.shape, 'weight');
    const dwParts = harness.output('dw in parts', w.shape, 'weight');
    const forward = (to: typeof y) => conv2dForward(harness.context, { x, w, y: to }, attributes);
    const gradient = (to: typeof dw) =>
      conv2dWeightGradient(harness.context, { x, dy: x, dw: to }, attributes);
    const parts = [...inParts(forward(yParts)), ...inParts(gradient(dwParts))];
    if (parts.length < 6) throw new Error(`Only ${parts.length} parts.`);
    await harness.run([...forward(y), ...gradient(dw), ...parts]);
    expectSame(harness.read(yParts), harness.read(y), 'y');
    expectSame(harness.read(dwParts), harness.read(dw), 'dw');
  },
}));

export const cases: readonly KernelCase[] = [...bandCases, ...gridCases];
