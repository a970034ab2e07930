import gatherCode from '../../../../shaders/conv2d_matrix.wgsl?raw';
import weightCode from '../../../../shaders/conv2d_weight_gradient_matrix.wgsl?raw';
import type { KernelFeature, KernelSource } from '../../../gpu/kernel-call';
import { ceilDivide, foldWorkgroups } from '../../dispatch';
import { blocks } from '../../tensor';
import { gatherBindings, gatherParams, gatherWork, outputRows, weightGradientParams } from '../problem';
import { splitWeightGradient } from '../split-sum';
import type { Family } from './family';

const features: readonly KernelFeature[] = ['subgroups'];
const gatherKernel: KernelSource = { name: 'conv2d_matrix', code: gatherCode, features };
const weightKernel: KernelSource = { name: 'conv2d_weight_gradient_matrix', code: weightCode, features };

/** Lanes that share the columns of a 4x4 matrix of weights. */
const LANES = 4;

/** vec4 x mat4x4, each lane with its own pixels: every shape, subgroups of at least 4 lanes. */
export const matrix: Family = {
  gather(context, problem) {
    if (context.traits.subgroupSize < LANES) return undefined;
    const { x, y, gather } = problem;
    const outputs = blocks(y.shape[1]);
    const perGroup = Math.min(2, outputs);
    const pixels = context.policy.matrixPixels ?? pixelsPerLane(gather.qW, gatherWork(problem).flops);
    const tiles = x.shape[0] * gather.qH * ceilDivide(gather.qW, pixels);
    const [columns, rows] = foldWorkgroups(context.traits, ceilDivide(tiles, LANES));
    return [
      {
        kernel: gatherKernel,
        label: context.label,
        constants: { PIXELS: pixels, BLOCKS: perGroup, TAPS: sharedTaps(gather.tapsX / gather.inStride) },
        params: { ...gatherParams(problem, { grouped: false, columns }), tiles },
        bindings: gatherBindings(problem),
        dispatch: [columns, rows, ceilDivide(outputs, perGroup)],
        ...gatherWork(problem),
      },
    ];
  },

  weightGradient(context, problem) {
    if (context.traits.subgroupSize < LANES) return undefined;
    const { x, dy, dw, attributes } = problem;
    const [, , kernelH, kernelW] = dw.shape;
    const outputs = blocks(dy.shape[1]);
    const taps = sharedTaps(kernelW / attributes.stride);
    const perGroup = outputBlocks(taps, outputs);
    const units = (blocks(x.shape[1]) * kernelH * kernelW) / taps;
    return splitWeightGradient(context, problem, {
      kernel: weightKernel,
      constants: { BLOCKS: perGroup, TAPS: taps },
      parts: outputRows(dy),
      copy: [ceilDivide(units, LANES), ceilDivide(outputs, perGroup), 1],
      params: (perSplit) => ({ ...weightGradientParams(problem, perSplit), stride: attributes.stride }),
    });
  },
};

/** Kernel positions of a row that share loaded values. */
const sharedTaps = (taps: number): 1 | 2 | 3 => (taps === 2 || taps === 3 ? taps : 1);

/** Work below which a gather takes less than a millisecond, and longer runs never win back their time to compile. */
const SMALL_FLOPS = 4e6;

/** Pixels of a row per lane: the cheapest number, including weights and halo; longer runs amortise those better. */
function pixelsPerLane(width: number, flops: number): 4 | 8 | 16 {
  if (flops < SMALL_FLOPS) return 4;
  const cost = (pixels: number) => ceilDivide(width, pixels) * (pixels + 4);
  return ([16, 8, 4] as const).reduce((best, next) => (cost(next) < cost(best) ? next : best));
}

/** Blocks of output channels per lane in a weight gradient: more if fewer taps share loaded values. */
function outputBlocks(taps: number, blocksOfDy: number): 1 | 2 | 4 {
  if (taps < 3 && blocksOfDy > 2) return 4;
  return blocksOfDy === 1 ? 1 : 2;
}
