import blendCode from '../../shaders/fusion_blend.wgsl?raw';
import downsampleCode from '../../shaders/fusion_downsample.wgsl?raw';
import weightsCode from '../../shaders/fusion_weights.wgsl?raw';
import type { KernelCall } from '../gpu/kernel-call';
import { requireShape, requireThat } from './check';
import type { KernelContext } from './context';
import { ceilDivide } from './dispatch';
import { rowCall } from './rows';
import { byteLength, type Shape, type Tensor } from './tensor';

const weights = { name: 'fusion_weights', code: weightsCode };
const downsample = { name: 'fusion_downsample', code: downsampleCode };
const blend = { name: 'fusion_blend', code: blendCode };

/** Operations of the three measures of a pixel and of their product. */
const WEIGHT_FLOPS = 60;
/** Of 5 x 5 taps in vec4: six rows of five, one of them across. */
const DOWNSAMPLE_FLOPS = 6 * 4 * 7;
/** Taps of the coarser level for a pixel, on average over even and odd places. */
const UP_TAPS = 2.5 ** 2;

export interface FusionTensors<B> {
  /** [N * K, 3, H, W]: K exposures of each of N scenes, one scene after the other; values k/255. */
  readonly exposures: Tensor<B>;
  /** [N, 3, 1, 1]: exponents of contrast, saturation and exposedness. */
  readonly exponents: Tensor<B>;
  /** [N, 3, H, W]. */
  readonly y: Tensor<B>;
}

/**
 * Exposure fusion: T. Mertens, J. Kautz, F. Van Reeth, "Exposure fusion", Pacific Graphics 2007, as
 * `src/data/mertens.ts` has it. The picture and its weight travel down one Gaussian pyramid as one vec4; no
 * Laplacian is stored.
 *
 * @param attributes.rounded clips to 0..1 and rounds to 8 bit, y = k/255; else y can leave 0..1.
 * @throws {ShapeError} unless the tensors fit each other.
 */
export function exposureFusion<B>(
  context: KernelContext<B>,
  { exposures, exponents, y }: FusionTensors<B>,
  { rounded }: { readonly rounded: boolean },
): KernelCall<B>[] {
  const [batch, , height, width] = y.shape;
  const count = exposures.shape[0] / batch;
  requireThat('exposureFusion', Number.isInteger(count), () => {
    return `${exposures.shape[0]} exposures cannot be shared out to ${batch} pictures.`;
  });
  requireShape(
    'exposureFusion',
    { exposures },
    [batch * count, 3, height, width],
    'r, g, b of the size of y',
  );
  requireShape('exposureFusion', { exponents }, [batch, 3, 1, 1], 'three for each of y');
  requireShape('exposureFusion', { y }, [batch, 3, height, width], 'r, g, b');

  const scratch = (shape: Shape): Tensor<B> => {
    return { shape, layout: 'activation', buffer: context.scratch(byteLength(shape, 'activation')) };
  };
  const sizes = pyramidSizes(height, width);
  const levels = sizes.map((size) => scratch([batch * count, 4, ...size]));
  const calls = [weightsCall(context, exposures, exponents, levels[0]!)];
  for (let i = 1; i < levels.length; i++) calls.push(downsampleCall(context, levels[i - 1]!, levels[i]!));
  let below: Below<B> | undefined;
  for (let i = levels.length - 1; i >= 0; i--) {
    const result = i === 0 ? y : scratch([batch, 3, ...sizes[i]!]);
    calls.push(blendCall(context, levels[i]!, below, result, i === 0 && rounded));
    below = { coarse: levels[i]!, result };
  }
  return calls;
}

function weightsCall<B>(
  context: KernelContext<B>,
  exposures: Tensor<B>,
  exponents: Tensor<B>,
  level: Tensor<B>,
): KernelCall<B> {
  const [batch] = exponents.shape;
  const [pictures, , height, width] = level.shape;
  return rowCall(context, {
    kernel: weights,
    constants: { COUNT: pictures / batch },
    rows: batch * height,
    width,
    tensors: [exposures, exponents, level],
    params: [height, width],
    flops: WEIGHT_FLOPS * pictures * height * width,
  });
}

function downsampleCall<B>(context: KernelContext<B>, fine: Tensor<B>, coarse: Tensor<B>): KernelCall<B> {
  const [pictures, , height, width] = coarse.shape;
  return rowCall(context, {
    kernel: downsample,
    rows: pictures * height,
    width,
    tensors: [fine, coarse],
    params: [fine.shape[2], fine.shape[3], height, width],
    flops: DOWNSAMPLE_FLOPS * pictures * height * width,
  });
}

/** The next coarser level, and what it has been blended to. */
interface Below<B> {
  readonly coarse: Tensor<B>;
  readonly result: Tensor<B>;
}

function blendCall<B>(
  context: KernelContext<B>,
  level: Tensor<B>,
  below: Below<B> | undefined,
  result: Tensor<B>,
  rounded: boolean,
): KernelCall<B> {
  const [batch, , height, width] = result.shape;
  const count = level.shape[0] / batch;
  // The coarsest level itself stands in for what it has not below it.
  const { coarse, result: belowResult } = below ?? { coarse: level, result: level };
  const [coarseHeight, coarseWidth] = below ? [coarse.shape[2], coarse.shape[3]] : [0, 0];
  return rowCall(context, {
    kernel: blend,
    constants: { COUNT: count },
    rows: batch * height,
    width,
    tensors: [level, coarse, belowResult, result],
    params: [height, width, coarseHeight, coarseWidth, rounded ? 255 : 0],
    flops: (below ? 1 + UP_TAPS : 1) * 6 * (count + 1) * batch * height * width,
  });
}

/** Height and width of the levels, finest first: floor(log2(short side)) of them, at least 1, each half, rounded up. */
function pyramidSizes(height: number, width: number): (readonly [height: number, width: number])[] {
  const count = Math.max(1, 31 - Math.clz32(Math.min(height, width)));
  return Array.from({ length: count }, (_, level) => {
    return [ceilDivide(height, 2 ** level), ceilDivide(width, 2 ** level)] as const;
  });
}
