/**
 * Rounding errors of the whole network with and without Winograd's method, against float64, on a random image and
 * random weights: `node scripts/run.mjs bench/winograd-error.ts [SIDE]`. The numbers are in docs/performance.md.
 */
import { openNodeGpu } from '../src/gpu/node/dawn';
import type { Gpu } from '../src/gpu/types';
import { Graph, Program } from '../src/graph';
import { type KernelPolicy, policyFor } from '../src/kernels/policy';
import { withPolicy } from '../src/kernels/tuned-gpu';
import { type NetworkConfig, PRESETS } from '../src/model/config';
import { foldBatchNorm } from '../src/model/fold';
import { initialWeights } from '../src/model/initialise';
import { decoderLayers, type Layer, localLayers, outputLayer } from '../src/model/layers';
import { buildNetwork } from '../src/model/network';
import type { StateDict } from '../src/model/state-dict';
import { writeState } from '../src/model/weights';
import { Random } from '../src/random';

const side = Number(process.argv[3] ?? 64);

/** Channels, side of the square, values. */
interface Planes {
  readonly channels: number;
  readonly side: number;
  readonly data: Float64Array;
}

const planes = (channels: number, size: number): Planes => ({
  ...{ channels, side: size, data: new Float64Array(channels * size * size) },
});

/** A 3x3 or 1x1 convolution, or a 4x4 transposed one with stride 2, with bias, as a sum over taps. */
function convolve(x: Planes, layer: Layer, weights: StateDict): Planes {
  const { name, transposed, inputs, outputs, kernel, stride, padding } = layer;
  const w = weights.get(`${name}.weight`)!.data;
  const bias = weights.get(`${name}.bias`)!.data;
  const y = planes(outputs, transposed ? x.side * stride : x.side);
  for (let o = 0; o < outputs; o++) {
    y.data.fill(bias[o]!, o * y.side ** 2, (o + 1) * y.side ** 2);
    for (let i = 0; i < inputs; i++) {
      for (let tap = 0; tap < kernel ** 2; tap++) {
        const [ky, kx] = [Math.floor(tap / kernel), tap % kernel];
        const weight = w[(transposed ? i * outputs + o : o * inputs + i) * kernel ** 2 + tap]!;
        for (let row = 0; row < x.side; row++) {
          const to = transposed ? row * stride - padding + ky : row + padding - ky;
          if (to < 0 || to >= y.side) continue;
          for (let column = 0; column < x.side; column++) {
            const at = transposed ? column * stride - padding + kx : column + padding - kx;
            if (at < 0 || at >= y.side) continue;
            y.data[(o * y.side + to) * y.side + at]! +=
              weight * x.data[(i * x.side + row) * x.side + column]!;
          }
        }
      }
    }
  }
  return { ...y, data: y.data.map((value) => Math.max(value, 0)) };
}

function pool(x: Planes): Planes {
  const y = planes(x.channels, x.side / 2);
  for (let c = 0; c < x.channels; c++) {
    for (let row = 0; row < y.side; row++) {
      for (let column = 0; column < y.side; column++) {
        const at = (c * x.side + 2 * row) * x.side + 2 * column;
        const window = [0, 1, x.side, x.side + 1].map((step) => x.data[at + step]!);
        y.data[(c * y.side + row) * y.side + column] = Math.max(...window);
      }
    }
  }
  return y;
}

const join = (a: Planes, b: Planes): Planes => ({
  channels: a.channels + b.channels,
  side: a.side,
  data: Float64Array.from([...a.data, ...b.data]),
});

/** The local path of a folded network with join P, in float64. */
function reference(config: NetworkConfig, weights: StateDict, image: Planes): Float64Array {
  const skips: Planes[] = [];
  let x = image;
  localLayers(config).forEach((layer, index) => {
    if (index > 0 && index % 2 === 0) x = pool(x);
    x = convolve(x, layer, weights);
    if (index % 2 === 1) skips.push(x);
  });
  skips.pop();
  for (const layer of decoderLayers(config)) {
    x = convolve(x, layer, weights);
    if (layer.transposed) x = join(skips.pop()!, x);
  }
  return convolve(x, outputLayer(config), weights).data;
}

async function onDevice(gpu: Gpu, config: NetworkConfig, weights: StateDict, image: Planes) {
  const graph = new Graph();
  const input = graph.input('input', [1, 3, side, side]);
  const { output } = buildNetwork(graph, input, config, { mode: 'folded' });
  const program = await Program.compile(gpu, graph, { fetch: [output] });
  writeState(program, weights);
  program.write('input', image.data);
  program.run();
  const result = await program.read(output);
  const winograd = program.calls.filter(({ kernel }) => kernel.startsWith('winograd_product')).length;
  program.destroy();
  return { result, winograd };
}

const gpu = await openNodeGpu();
const shipped = policyFor(gpu.traits);
const from = (channels: number): KernelPolicy => ({
  ...shipped,
  gather: ['winograd', ...shipped.gather.filter((family) => family !== 'winograd')],
  winogradChannels: { ...shipped.winogradChannels, gather: channels },
  winogradTiles: 1,
});
console.log(`${gpu.traits.description}, ${side} x ${side}; errors over the largest output`);
for (const width of [8, 16, 32]) {
  const config = { ...PRESETS.paper, width, globalEncoder: false };
  const weights = foldBatchNorm(initialWeights(config, 1, { outputScale: 1 }), config);
  const random = new Random('image');
  const image = {
    ...planes(3, side),
    data: Float64Array.from({ length: 3 * side ** 2 }, () => random.uniform()),
  };
  const want = reference(config, weights, image);
  const largest = want.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
  for (const channels of [2 ** 16, 64, 32, 1]) {
    const { result, winograd } = await onDevice(withPolicy(gpu, from(channels)), config, weights, image);
    const errors = want.map((value, at) => (result[at]! - value) / largest);
    const rms = Math.sqrt(errors.reduce((sum, error) => sum + error ** 2, 0) / errors.length);
    const most = errors.reduce((worst, error) => Math.max(worst, Math.abs(error)), 0);
    console.log(
      `width ${width}, Winograd from ${channels} channels on (${winograd} layers): ` +
        `rms ${rms.toExponential(1)}, largest ${most.toExponential(1)}`,
    );
  }
}
gpu.destroy();
