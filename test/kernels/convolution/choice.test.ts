import { expect, test } from 'vitest';
import type { KernelCall } from '../../../src/gpu/kernel-call';
import type { AdapterTraits } from '../../../src/gpu/types';
import type { KernelContext } from '../../../src/kernels/context';
import {
  conv2dForward,
  conv2dInputGradient,
  conv2dWeightGradient,
  convTranspose2dForward,
} from '../../../src/kernels/conv2d';
import { type ConvolutionFamily, type KernelPolicy, policyFor } from '../../../src/kernels/policy';
import type { Layout, Shape, Tensor } from '../../../src/kernels/tensor';

/** The limits that WebGPU guarantees, so that no device is needed. */
const limits = {
  maxBufferSize: 2 ** 28,
  maxStorageBufferBindingSize: 2 ** 27,
  maxComputeWorkgroupsPerDimension: 65535,
  maxComputeInvocationsPerWorkgroup: 256,
  maxComputeWorkgroupStorageSize: 16384,
  maxStorageBuffersPerShaderStage: 8,
};
const adapter = (isSoftware: boolean, subgroupSize: number): AdapterTraits => ({
  ...{ vendor: '', architecture: '', device: '', description: '', features: [], limits },
  ...{ isSoftware, subgroupSize },
});
const only = (traits: AdapterTraits, family: ConvolutionFamily): KernelPolicy => ({
  ...policyFor(traits),
  ...{ gather: [family], weightGradient: [family] },
});

const [eight, four, none, gpu] = [adapter(true, 8), adapter(true, 4), adapter(true, 0), adapter(false, 32)];

/** The built-in policies, and one for each family that some adapter never uses by default. */
const POLICIES: readonly [name: string, traits: AdapterTraits, policy: KernelPolicy][] = [
  ['software, 8 lanes', eight, policyFor(eight)],
  ['software, 4 lanes', four, policyFor(four)],
  ['software, no subgroups', none, policyFor(none)],
  ['GPU', gpu, policyFor(gpu)],
  ['winograd on 8 lanes', eight, only(eight, 'winograd')],
  ['winograd on a GPU', gpu, only(gpu, 'winograd')],
  ['subgroup on 4 lanes', four, only(four, 'subgroup')],
  ['matrix on 8 lanes', eight, only(eight, 'matrix')],
];

/** x, output channels, kernel, stride, padding: layers of the networks, and shapes off every tile. */
const LAYERS: readonly [x: Shape, outputs: number, kernel: number, stride: number, padding: number][] = [
  [[1, 3, 512, 512], 8, 3, 1, 1],
  [[16, 8, 128, 128], 8, 3, 1, 1],
  [[16, 64, 16, 16], 128, 3, 1, 1],
  [[2, 64, 64, 64], 64, 3, 1, 1],
  [[1, 128, 4, 4], 128, 3, 1, 1],
  [[16, 64, 8, 8], 32, 4, 2, 1],
  [[16, 16, 4, 4], 64, 4, 1, 0],
  [[2, 5, 13, 11], 7, 7, 2, 3],
  [[1, 33, 9, 7], 3, 1, 1, 0],
];

const tensor = (shape: Shape, layout: Layout = 'activation'): Tensor<string> => ({
  shape,
  layout,
  buffer: '',
});

/** `conv2d_direct(WORKGROUP=4) 3x2x1` for each call. */
function describe(calls: readonly KernelCall<string>[]): string {
  return calls
    .map(({ kernel, constants, dispatch }) => {
      const values = Object.entries(constants).map(([name, value]) => `${name}=${value}`);
      return `${kernel.name}(${values.join(' ')}) ${dispatch.join('x')}`;
    })
    .join('; ');
}

const contextOf = (traits: AdapterTraits, policy: KernelPolicy): KernelContext<string> => ({
  traits,
  policy,
  label: '',
  scratch: (bytes) => `${bytes}`,
});

/** All passes of a layer, by name. */
function passes(
  context: KernelContext<string>,
  [[n, channels, height, width], outputs, kernel, stride, padding]: (typeof LAYERS)[number],
): [name: string, calls: KernelCall<string>[]][] {
  const attributes = { stride, padding };
  const [h, w] = [height, width].map((side) => Math.floor((side + 2 * padding - kernel) / stride) + 1);
  const x = tensor([n, channels, height, width]);
  const weights = tensor([outputs, channels, kernel, kernel], 'weight');
  const y = tensor([n, outputs, h!, w!]);
  // The transposed convolution that takes y back, as far as y reaches.
  const back = [h!, w!].map((side) => (side - 1) * stride - 2 * padding + kernel);
  const up = tensor([n, channels, back[0]!, back[1]!]);
  return [
    ['forward', conv2dForward(context, { x, w: weights, y }, attributes)],
    ['input gradient', conv2dInputGradient(context, { dy: y, w: weights, dx: x }, attributes)],
    ['weight gradient', conv2dWeightGradient(context, { x, dy: y, dw: weights }, attributes)],
    ['transposed', convTranspose2dForward(context, { x: y, w: weights, y: up }, attributes)],
  ];
}

/** The kernels, constants and dispatches of all passes, by policy and layer. */
function decisions(): string {
  const lines: string[] = [];
  for (const [name, traits, policy] of POLICIES) {
    lines.push(`# ${name}`);
    for (const layer of LAYERS) {
      const [shape, outputs, kernel, stride, padding] = layer;
      lines.push(`## [${shape}] -> ${outputs}, kernel ${kernel}, stride ${stride}, padding ${padding}`);
      for (const [pass, calls] of passes(contextOf(traits, policy), layer)) {
        lines.push(`${pass}: ${describe(calls)}`);
      }
    }
  }
  return `${lines.join('\n')}\n`;
}

test('every policy decides as recorded', async () => {
  await expect(decisions()).toMatchFileSnapshot('choice.txt');
});

test.each(POLICIES)(
  'a layer with many channels keeps to the limit on workgroups: %s',
  (_, traits, policy) => {
    const calls = passes(contextOf(traits, policy), [[1, 1024, 8, 8], 1024, 3, 1, 1]).flatMap(
      ([, calls]) => calls,
    );
    const most = Math.max(...calls.flatMap(({ dispatch }) => dispatch));
    expect(most).toBeLessThanOrEqual(limits.maxComputeWorkgroupsPerDimension);
  },
);
