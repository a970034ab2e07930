import { globalView } from '../../src/enhance/global-view';
import { LocalGlobalModel } from '../../src/enhance/local-global-model';
import { PackedPhoto } from '../../src/enhance/packed-photo';
import { Staging } from '../../src/gpu/staging';
import type { Gpu } from '../../src/gpu/types';
import { foldBatchNorm, initialWeights } from '../../src/model';
import type { ToneCurve } from '../../src/photo/finish';
import type { CheckedImage, Samples } from '../../src/photo/image';
import { codecOf } from '../../src/photo/pixel-codec';
import type { KernelCase } from '../kernels/harness';
import { expectSame } from '../tolerance';
import { randomRaster, TINY } from './support';

/** 8-bit photos on the device: their view, and the result of the paper's network. */

const network = {
  config: TINY,
  weights: foldBatchNorm(initialWeights(TINY, 7, { outputScale: 1 }), TINY),
};

const COLOURS = ['srgb', 'display-p3'] as const;

const views: KernelCase[] = [
  [1, 1],
  [3, 70],
  [97, 33],
  [200, 129],
].map(([width, height]) => ({
  name: `the view of ${width} x ${height} is that of the host, in any parts`,
  async run(gpu) {
    for (const colorSpace of COLOURS) {
      const image = randomRaster(width!, height!, { channels: 4, colorSpace });
      const codec = codecOf(image);
      const want = globalView(image, codec, 32);
      const view = async (pixels?: number) => {
        const packed = (await PackedPhoto.create(gpu, new Staging(gpu), image, codec, pixels))!;
        const made = await packed.view(32, () => {});
        packed.destroy();
        return made;
      };
      const got = await view();
      got.forEach((value, at) => {
        if (Math.abs(value - want[at]!) > 3e-6)
          throw new Error(`${colorSpace}: ${at} is ${value}, ${want[at]} on the host`);
      });
      expectSame(await view(7 * width!), got, 'parts of seven rows');
    }
  },
}));

interface Options {
  readonly strength: number;
  readonly keepHue: boolean;
  readonly tone: ToneCurve | null;
}

/** @param resident whether there is room for the whole photo; null: the host converts. */
async function enhance(gpu: Gpu, image: CheckedImage, options: Options, resident: boolean | null) {
  const codec = codecOf(image);
  const view = globalView(image, codec, TINY.globalSize);
  const result: Samples = image.data.slice();
  const room = resident ? image.width * image.height : 240 * 64;
  const model = new LocalGlobalModel(gpu, network, 240, 'f32', 1, room);
  const packed = resident === null ? undefined : await model.pack(image, codec);
  try {
    if (packed && packed.isWhole !== resident) throw new Error('Not the room that was asked for.');
    const rest = { check: () => {}, report: () => {} };
    await model.enhance({ image, codec, packed, view, result, ...options, ...rest });
  } finally {
    packed?.destroy();
    model.destroy();
  }
  return result;
}

const TONE: ToneCurve = { black: 0.12, white: 0.93, exponent: 1.3, share: 0.8, chroma: 0.5 };

const pixels: KernelCase[] = (
  [
    [3, 'srgb', { strength: 1, keepHue: false, tone: null }],
    [4, 'srgb', { strength: 0.8, keepHue: true, tone: TONE }],
    [3, 'display-p3', { strength: 0.37, keepHue: false, tone: TONE }],
    [4, 'display-p3', { strength: 1, keepHue: true, tone: null }],
  ] as const
).map(([channels, colorSpace, options]) => ({
  name: `${channels} channels of ${colorSpace}, strength ${options.strength}: on the device as on the host, in any parts`,
  async run(gpu) {
    const image = randomRaster(331, 53, { channels, colorSpace });
    const host = await enhance(gpu, image, options, null);
    const device = await enhance(gpu, image, options, true);
    let different = 0;
    host.forEach((value, at) => {
      const difference = Math.abs(value - device[at]!);
      if (difference > 1)
        throw new Error(`number ${at} is ${device[at]} on the device, ${value} on the host`);
      different += difference;
    });
    if (different > host.length / 500) throw new Error(`${different} of ${host.length} numbers differ`);
    if (new Set(device).size < 200) throw new Error('The picture has few levels, and says little.');
    expectSame(await enhance(gpu, image, options, false), device, 'a part of the photo at a time');
  },
}));

export const cases: readonly KernelCase[] = [...views, ...pixels];
