import { BilateralModel } from '../../src/enhance/bilateral-model';
import type { FoldedNetwork } from '../../src/enhance/folded-network';
import { globalView } from '../../src/enhance/global-view';
import type { Gpu } from '../../src/gpu/types';
import { Graph, Program } from '../../src/graph';
import { foldBatchNorm, writeState } from '../../src/model';
import { type BilateralConfig, bilateralConfig } from '../../src/model/bilateral/config';
import { initialBilateralWeights } from '../../src/model/bilateral/initialise';
import { buildBilateral } from '../../src/model/bilateral/network';
import type { ToneCurve } from '../../src/photo/finish';
import type { Channels, CheckedImage, Samples } from '../../src/photo/image';
import { codecOf, type PixelCodec } from '../../src/photo/pixel-codec';
import { Random } from '../../src/random';
import type { KernelCase } from '../kernels/harness';
import { expectClose, expectSame } from '../tolerance';

const config = bilateralConfig({ width: 4, viewSize: 32, gridSize: 8, levels: 8, guideWidth: 5 });

/** Initial weights, with maps that differ from cell to cell and a guide that reaches all levels. */
function network(): FoldedNetwork<BilateralConfig> {
  const state = new Map(initialBilateralWeights(config, 1));
  for (const [name, factor] of [
    ['head.weight', 6],
    ['guide.1.weight', 12],
  ] as const) {
    const { shape, data } = state.get(name)!;
    state.set(name, { shape, data: data.map((value) => factor * value) });
  }
  const bias = state.get('guide.1.bias')!;
  state.set('guide.1.bias', { shape: bias.shape, data: Float32Array.of(-0.7) });
  return { config, weights: foldBatchNorm(state, config) };
}

/** Dark tones are frequent; black and white occur. */
function photo(width: number, height: number, channels: Channels, deep = false): CheckedImage {
  const random = new Random(`${width} x ${height} x ${channels}`);
  const most = deep ? 0xffff : 0xff;
  const numbers = Array.from({ length: width * height * channels }, () =>
    Math.round(most * Math.min(1, 1.05 * random.uniform() ** 2)),
  );
  return {
    width,
    height,
    channels,
    data: deep ? Uint16Array.from(numbers) : Uint8ClampedArray.from(numbers),
  };
}

async function enhance(
  gpu: Gpu,
  image: CheckedImage,
  options: {
    strength?: number;
    keepHue?: boolean;
    tone?: ToneCurve | null;
    tile?: number;
    codec?: PixelCodec;
  } = {},
): Promise<Samples> {
  const { strength = 1, keepHue = false, tone = null, tile = 'auto', codec = codecOf(image) } = options;
  const view = globalView(image, codec, config.viewSize);
  const model = new BilateralModel(gpu, network(), tile);
  const result = image.data.slice();
  const packed = await model.pack(image, codec);
  try {
    const job = { image, codec, packed, view, result, strength, keepHue, tone };
    await model.enhance({ ...job, check: () => {}, report: () => {} });
  } finally {
    packed?.destroy();
    model.destroy();
  }
  return result;
}

const sizes: [number, number, Channels][] = [
  [1, 1, 3],
  [3, 70, 4],
  [97, 33, 3],
  [61, 128, 4],
];

const strips: KernelCase[] = sizes.map(([width, height, channels]) => ({
  name: `strips of ${width} x ${height} x ${channels} give the bits of the whole`,
  async run(gpu) {
    // 16 bits take another path than 8; one size is enough to show that it works in strips as well.
    for (const deep of width === 97 ? [false, true] : [false]) {
      const image = photo(width, height, channels, deep);
      const whole = await enhance(gpu, image);
      expectSame(await enhance(gpu, image, { tile: 17 }), whole, deep ? '16 bits' : '8 bits');
    }
  },
}));

const TONE: ToneCurve = { black: 0.12, white: 0.93, exponent: 1.3, share: 0.8, chroma: 0.5 };

const FORMS = [
  [3, 'srgb'],
  [4, 'display-p3'],
] as const;

/** The device's work on packed pixels equals the host's on planes, except for ties in rounding. */
const onDevice: KernelCase[] = [
  { strength: 1, keepHue: false, tone: null },
  { strength: 0.37, keepHue: false, tone: null },
  { strength: 1, keepHue: true, tone: null },
  { strength: 1, keepHue: false, tone: TONE },
  { strength: 0.8, keepHue: true, tone: TONE },
].map(({ strength, keepHue, tone }) => ({
  name: `strength ${strength}${keepHue ? ' with the hue kept' : ''}${tone ? ', finished,' : ''} on the device as on the host`,
  async run(gpu) {
    for (const [channels, colorSpace] of FORMS) {
      const image = { ...photo(53, 47, channels), colorSpace };
      const { decode, encode } = codecOf(image);
      const host = await enhance(gpu, image, { strength, keepHue, tone, codec: { decode, encode } });
      const device = await enhance(gpu, image, { strength, keepHue, tone });
      let different = 0;
      host.forEach((value, at) => {
        const difference = Math.abs(value - device[at]!);
        if (difference > 1)
          throw new Error(`number ${at} is ${device[at]} on the device, ${value} on the host`);
        different += difference;
      });
      if (different > host.length / 1000) throw new Error(`${different} of ${host.length} numbers differ`);
    }
  },
}));

const asTrained: KernelCase = {
  name: 'the pass over the pixels is the network as it is trained',
  async run(gpu) {
    const { weights } = network();
    const image = photo(64, 64, 3, true);
    const graph = new Graph();
    const input = graph.input('photo', [1, 3, 64, 64]);
    const { output } = buildBilateral(graph, input, config, { mode: 'folded' });
    const program = await Program.compile(gpu, graph, { fetch: [output] });
    try {
      writeState(program, weights);
      const planes = Float32Array.from({ length: 3 * 64 * 64 }, (_, at) => {
        const [c, pixel] = [Math.floor(at / 4096), at % 4096];
        return image.data[3 * pixel + c]! / 0xffff;
      });
      program.write('photo', planes);
      program.run();
      const want = await program.read(output);
      const made = await enhance(gpu, image);
      const got = want.map((_, at) => made[3 * (at % 4096) + Math.floor(at / 4096)]! / 0xffff);
      const level = 1 / 255;
      const clipped = want.map((value, at) => {
        const before = planes[at]!;
        return Math.min(Math.max(value, Math.min(before, level)), Math.max(before, 1 - level));
      });
      expectClose(got, clipped, { name: 'result', reduction: 1e5 });
    } finally {
      program.destroy();
    }
  },
};

/** Without varied values the cases above would prove little. */
const spread: KernelCase = {
  name: 'the network of these cases makes pictures of all levels',
  async run(gpu) {
    const made = await enhance(gpu, photo(64, 64, 3));
    const levels = new Set(made);
    if (levels.size < 200) throw new Error(`only ${levels.size} levels`);
  },
};

export const cases: readonly KernelCase[] = [...strips, ...onDevice, asTrained, spread];
