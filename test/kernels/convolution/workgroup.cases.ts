import { workgroupGather } from '../../../src/kernels/convolution/families/workgroup';
import {
  type ConvolutionAttributes,
  forwardGather,
  inputGradientGathers,
  joinedPhases,
} from '../../../src/kernels/convolution/lattice';
import { transposedWeights } from '../../../src/kernels/convolution/transposed-weights';
import { GATHER_TILES, type GatherTile } from '../../../src/kernels/convolution/workgroup-tiles';
import type { Shape } from '../../../src/kernels/tensor';
import * as reference from '../../reference';
import { randomDense } from '../../support/random';
import { expectClose, expectSame } from '../../tolerance';
import { type KernelCase, KernelHarness } from '../harness';

interface Layer {
  readonly x: Shape;
  readonly outputs: number;
  readonly kernel: number;
  readonly attributes: ConvolutionAttributes;
  /** Where it starts in the list of tiles, of which each layer takes every second: each compiles for seconds. */
  readonly first: 0 | 1;
}

/** Off the patches and the channel strips of every tile. */
const LAYERS: readonly Layer[] = [
  { x: [2, 17, 35, 19], outputs: 37, kernel: 3, attributes: { stride: 1, padding: 1 }, first: 0 },
  { x: [1, 20, 14, 22], outputs: 70, kernel: 4, attributes: { stride: 2, padding: 1 }, first: 1 },
];

/** Forward and input gradient with one tile. */
async function compute(gpu: KernelHarness['gpu'], layer: Layer, tile: GatherTile) {
  const { x, outputs, kernel, attributes } = layer;
  const harness = new KernelHarness(gpu);
  const { context } = harness;
  const [input, weights] = [randomDense(x, 'x'), randomDense([outputs, x[1], kernel, kernel], 'w')];
  const want = reference.conv2d(input, weights, undefined, attributes);
  const t = {
    x: harness.input('x', input),
    w: harness.input('w', weights, 'weight'),
    y: harness.output('y', want.shape),
    dx: harness.output('dx', x),
    pooled: harness.output('pooled', [x[0], outputs, want.shape[2] >> 1, want.shape[3] >> 1]),
  };
  const sides = [kernel, kernel] as const;
  const forward = forwardGather(sides, [want.shape[2], want.shape[3]], attributes);
  const backward = inputGradientGathers(sides, [x[2], x[3]], attributes);
  const { wt, call } = transposedWeights(context, t.w);
  const dy = harness.input('dy', randomDense(want.shape, 'dy'));
  await harness.run([
    workgroupGather(context, { ...t, gather: forward, relu: false }, tile),
    call,
    ...backward.map((gather) =>
      workgroupGather(context, { x: dy, w: wt, y: t.dx, gather, relu: false }, tile),
    ),
  ]);
  const dx = harness.read(t.dx);
  const joined = joinedPhases(backward);
  if (joined) {
    const at = { dx: harness.output('dx at once', x) };
    await harness.run([
      workgroupGather(context, { x: dy, w: wt, y: at.dx, gather: joined, relu: false }, tile),
    ]);
    expectSame(harness.read(at.dx), dx, 'the phases at once');
  }
  const y = harness.read(t.y);
  const maxima = reference.maxPool({ shape: want.shape, data: Float64Array.from(y) });
  expectSame(harness.read(t.pooled), Float32Array.from(maxima.data), 'the pool in the same pass');
  return { y, dx, want };
}

const nameOf = ({ x, outputs, kernel }: Layer): string => `[${x.join(', ')}] -> ${outputs}, kernel ${kernel}`;

export const cases: readonly KernelCase[] = LAYERS.map((layer) => ({
  name: `conv2d: all tiles in workgroup memory give the same bits, ${nameOf(layer)}`,
  async run(gpu) {
    const { maxComputeInvocationsPerWorkgroup } = gpu.traits.limits;
    const [first, ...others] = GATHER_TILES.filter(
      ({ pixelLanes, channelLanes }, at) =>
        at % 2 === layer.first && pixelLanes * channelLanes <= maxComputeInvocationsPerWorkgroup,
    );
    const one = await compute(gpu, layer, first!);
    expectClose(one.y, one.want.data, { name: 'y', reduction: layer.x[1] * layer.kernel ** 2 });
    for (const tile of others) {
      const other = await compute(gpu, layer, tile);
      expectSame(other.y, one.y, `y by ${JSON.stringify(tile)}`);
      expectSame(other.dx, one.dx, `dx by ${JSON.stringify(tile)}`);
    }
  },
}));
