import type { FoldedNetwork } from '../../src/enhance/folded-network';
import { LocalGlobalModel } from '../../src/enhance/local-global-model';
import { readWindow } from '../../src/enhance/pixels';
import { LocalProgram } from '../../src/enhance/programs';
import { dependsOn, localPath } from '../../src/enhance/receptive-field';
import type { Precision } from '../../src/gpu/kernel-call';
import type { Gpu } from '../../src/gpu/types';
import { conv2d, Graph, Program } from '../../src/graph';
import { policyFor } from '../../src/kernels/policy';
import { policyOf, withPolicy } from '../../src/kernels/tuned-gpu';
import { foldBatchNorm, initialWeights, type NetworkConfig, PRESETS } from '../../src/model';
import { allLayers, type Layer, weightShape } from '../../src/model/layers';
import { Random } from '../../src/random';
import type { KernelCase } from '../kernels/harness';
import { randomArray } from '../support/random';
import { plainCodec, randomRaster, TINY } from './support';

/** Exact tiles, checked on a device: run in Node and Chrome with the kernel cases. */

const randomNetwork = (config: NetworkConfig): FoldedNetwork => ({
  config,
  weights: foldBatchNorm(initialWeights(config, 7, { outputScale: 1 }), config),
});

/** The smallest side of a window that has a halo on both sides. */
const SMALLEST = 240;
const align = (size: number): number => 16 * Math.ceil(size / 16);

/** Areas of windows, as multiples of the smallest that a photo can be cut into. */
const AREAS = [1, 1.25, 1.7];

interface TiledPhoto {
  readonly width: number;
  readonly height: number;
  readonly config: NetworkConfig;
}

/** Random sizes, seeded. Most are strips, which are split along one axis only: the same arithmetic, but fast. */
function randomPhotos(count: number, seed: string): TiledPhoto[] {
  const random = new Random(seed);
  const whole = (low: number, high: number) => Math.floor(random.uniform(low, high + 1));
  return Array.from({ length: count }, (_, i) => {
    const config = i === 3 ? PRESETS.nano : i === 6 ? PRESETS.small : TINY;
    const [long, short] =
      i % 10 === 6 ? [whole(257, 288), whole(257, 272)] : [whole(257, 480), whole(33, 80)];
    return i % 2 === 0 ? { width: long, height: short, config } : { width: short, height: long, config };
  });
}

/** Values of the whole photo before rounding, and the number of tiles they were computed from. */
async function compute(
  gpu: Gpu,
  network: FoldedNetwork,
  { width, height }: TiledPhoto,
  precision: Precision,
): Promise<{ planes: Float32Array; tiles: number }> {
  const image = randomRaster(width, height, {}, `${width} x ${height}`);
  const random = new Random('feature');
  const feature = Float32Array.from({ length: network.config.globalWidth }, () => random.uniform());
  const model = new LocalGlobalModel(gpu, network, 'auto', precision);
  try {
    const { tiles, program } = await model.prepare(height, width);
    const [tall, wide] = [align(height), align(width)];
    const planes = new Float32Array(3 * tall * wide).fill(Number.NaN);
    for (const { window, core } of tiles) {
      const values = await program.run(readWindow(image, plainCodec, window), feature);
      const side = window.columns.end - window.columns.start;
      const area = side * (window.rows.end - window.rows.start);
      for (let c = 0; c < 3; c++) {
        for (let y = core.rows.start; y < core.rows.end; y++) {
          const from = c * area + (y - window.rows.start) * side - window.columns.start;
          const row = values.subarray(from + core.columns.start, from + core.columns.end);
          planes.set(row, (c * tall + y) * wide + core.columns.start);
        }
      }
    }
    return { planes, tiles: tiles.length };
  } finally {
    model.destroy();
  }
}

/** A device that seems to bind no more than a window of this many pixels needs. */
function withRoomFor(gpu: Gpu, pixels: number, { width }: NetworkConfig, precision: Precision): Gpu {
  const maxStorageBufferBindingSize = (precision === 'f16' ? 2 : 4) * 2 * width * pixels;
  const traits = { ...gpu.traits, limits: { ...gpu.traits.limits, maxStorageBufferBindingSize } };
  return Object.create(gpu, { traits: { value: traits } });
}

/** Throws unless tiles of three sizes give the same bits as the untiled photo. */
export async function checkExactTiles(
  gpu: Gpu,
  photo: TiledPhoto,
  precision: Precision = 'f32',
): Promise<void> {
  const { width, height, config } = photo;
  const network = randomNetwork(config);
  const whole = await compute(gpu, network, photo, precision);
  if (whole.tiles !== 1) throw new Error('The photo was to be computed in one piece.');
  const smallest = Math.min(align(width), SMALLEST) * Math.min(align(height), SMALLEST);
  for (const factor of AREAS) {
    const pixels = Math.floor(Math.min(factor * smallest, align(width) * align(height) - 1));
    const tiled = await compute(withRoomFor(gpu, pixels, config, precision), network, photo, precision);
    if (tiled.tiles === 1) throw new Error(`${width} x ${height}: not cut into tiles of ${pixels} pixels.`);
    const wrong = whole.planes.findIndex((value, i) => !Object.is(value, tiled.planes[i]));
    if (wrong >= 0) {
      throw new Error(
        `${width} x ${height} in ${tiled.tiles} tiles: value ${wrong} is ${tiled.planes[wrong]}, but ` +
          `${whole.planes[wrong]} untiled.`,
      );
    }
  }
}

/**
 * A network in which every layer passes on the outermost value it may look at on one side: each output is exactly the
 * input at the far end of its receptive field.
 */
function outermost(config: NetworkConfig, side: 'start' | 'end'): FoldedNetwork {
  const weights = new Map<string, { shape: readonly number[]; data: Float32Array }>();
  for (const layer of allLayers(config)) {
    weights.set(`${layer.name}.weight`, { shape: weightShape(layer), data: outermostKernel(layer, side) });
    weights.set(`${layer.name}.bias`, { shape: [layer.outputs], data: new Float32Array(layer.outputs) });
  }
  return { config, weights };
}

function outermostKernel(layer: Layer, side: 'start' | 'end'): Float32Array {
  const { transposed, inputs, outputs, kernel } = layer;
  const data = new Float32Array(inputs * outputs * kernel * kernel);
  const middle = Math.floor((kernel - 1) / 2);
  const set = (input: number, output: number, row: number, column: number) => {
    const channels = transposed ? input * outputs + output : output * inputs + input;
    data[(channels * kernel + row) * kernel + column] = 1;
  };
  if (transposed) {
    // Output o takes input i by tap o + 1 - 2i: taps 2 and 3 come from the left, 0 and 1 from the right. Rows:
    // taps 1 and 2, so that each output row takes one.
    for (const row of [1, 2]) for (const column of side === 'start' ? [2, 3] : [0, 1]) set(0, 0, row, column);
    return data;
  }
  // After a concatenation the first half is the skip.
  const input = layer.name.startsWith('decoder') && inputs === 2 * outputs ? outputs : 0;
  for (let output = 0; output < (layer.name === 'output' ? outputs : 1); output++)
    set(input, output, middle, side === 'start' ? 0 : kernel - 1);
  return data;
}

const WIDTH = 512;

/** The first row of the output for a ramp that rises towards `side`, so that pooling takes the outer value. */
async function ramp(
  gpu: Gpu,
  network: FoldedNetwork,
  side: 'start' | 'end',
  cut: number,
): Promise<Float32Array> {
  const program = await LocalProgram.compile(gpu, network, { height: 16, width: WIDTH });
  const planes = new Float32Array(3 * 16 * WIDTH);
  for (let i = 0; i < planes.length; i++) {
    const x = i % WIDTH;
    const rising = side === 'start' ? WIDTH - x : x + 1;
    // Beyond the cut a tile has no data, and convolutions see zero.
    planes[i] = (side === 'start' ? x >= cut : x < cut) ? rising : 0;
  }
  const result = await program.run(planes, new Float32Array(network.config.globalWidth));
  program.destroy();
  return result.subarray(0, WIDTH);
}

/**
 * Throws unless the outermost pixels of a tile look exactly as far as `dependsOn` says: with that much around the tile
 * its values are right, with one pixel less they are wrong.
 */
export async function checkHalo(gpu: Gpu, config: NetworkConfig): Promise<void> {
  const core = { start: 256, end: 272 };
  const reach = dependsOn(core, localPath(config));
  for (const side of ['start', 'end'] as const) {
    const network = outermost(config, side);
    const whole = await ramp(gpu, network, side, side === 'start' ? 0 : WIDTH);
    const at = side === 'start' ? core.start : core.end - 1;
    const seen = side === 'start' ? WIDTH - reach.start : reach.end;
    if (whole[at] !== seen) throw new Error(`${side}: the outermost value is ${whole[at]}, not ${seen}.`);
    const isRight = async (cut: number) => {
      const values = await ramp(gpu, network, side, cut);
      return values.subarray(core.start, core.end).every((value, i) => value === whole[core.start + i]);
    };
    const inwards = side === 'start' ? 1 : -1;
    if (!(await isRight(reach[side]))) throw new Error(`${side}: a halo as derived does not suffice.`);
    if (await isRight(reach[side] + inwards)) throw new Error(`${side}: a halo one pixel short suffices.`);
  }
}

/** Winograd for every 3x3 convolution that supports it, however few its channels and pixels. */
const everywhereWinograd = (gpu: Gpu): Gpu =>
  withPolicy(gpu, {
    ...policyOf(gpu),
    gather: ['winograd', ...policyOf(gpu).gather],
    winogradChannels: { gather: 1, weightGradient: 1 },
    winogradTiles: 1,
  });

/**
 * Throws unless Winograd's kernels give parts of a picture the same bits as the whole where they start on its blocks of
 * 4x4 pixels, and other bits elsewhere. This is why tiles are computed without them.
 */
export async function checkWinogradBlocks(gpu: Gpu): Promise<void> {
  const [height, width] = [8, 48];
  const values = randomArray(4 * height * width, 'picture');
  const weights = randomArray(4 * 4 * 9, 'weights');
  const part = async (from: number) => {
    const columns = width - from;
    const graph = new Graph();
    const x = graph.input('x', [1, 4, height, columns]);
    const y = conv2d(x, graph.variable('w', [4, 4, 3, 3], 'weight', weights), { stride: 1, padding: 1 });
    const program = await Program.compile(everywhereWinograd(gpu), graph, { fetch: [y] });
    if (!program.calls.some(({ kernel }) => kernel === 'winograd_output')) throw new Error('No Winograd.');
    program.write(
      'x',
      values.filter((_, at) => at % width >= from),
    );
    program.run();
    const result = await program.read(y);
    program.destroy();
    // Without the block at the cut, where the part sees zeros.
    return result.filter((_, at) => (at % columns) + from >= 16);
  };
  const whole = await part(0);
  const agrees = (other: Float32Array) => whole.every((value, at) => Object.is(value, other[at]));
  if (!agrees(await part(8))) throw new Error('A part that starts on a block has other bits.');
  if (agrees(await part(6))) throw new Error('A part that starts within a block has the same bits.');
}

export const cases: readonly KernelCase[] = [
  {
    name: 'tiles have the bits of the whole where the policy is Winograd for every layer',
    run: (gpu) => checkExactTiles(everywhereWinograd(gpu), { width: 270, height: 33, config: TINY }),
  },
  {
    name: 'tiles have the bits of the whole by the kernels for GPUs',
    run: (gpu) => {
      const { traits } = gpu;
      const policy = policyFor({ ...traits, isSoftware: false, subgroupSize: 0 });
      return checkExactTiles(withPolicy(gpu, policy), { width: 270, height: 33, config: TINY });
    },
  },
  { name: 'Winograd binds a pixel to its place in a block of 4x4', run: checkWinogradBlocks },
  ...randomPhotos(20, 'tiles').map((photo) => ({
    name: `tiles of ${photo.width} x ${photo.height}, width ${photo.config.width}, have the bits of the whole`,
    run: (gpu: Gpu) => checkExactTiles(gpu, photo),
  })),
  { name: 'a halo one pixel short breaks equality', run: (gpu) => checkHalo(gpu, TINY) },
];
