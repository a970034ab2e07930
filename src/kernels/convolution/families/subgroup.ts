import gatherCode from '../../../../shaders/conv2d_subgroup.wgsl?raw';
import weightCode from '../../../../shaders/conv2d_weight_gradient_subgroup.wgsl?raw';
import type { KernelFeature, KernelSource } from '../../../gpu/kernel-call';
import type { AdapterTraits } from '../../../gpu/types';
import { ceilDivide } from '../../dispatch';
import { blocks, ceil4 } from '../../tensor';
import { gatherBindings, gatherParams, gatherWork } from '../problem';
import { splitWeightGradient } from '../split-sum';
import type { Family } from './family';

const features: readonly KernelFeature[] = ['subgroups'];
const gatherKernel: KernelSource = { name: 'conv2d_subgroup', code: gatherCode, features };
const weightKernel: KernelSource = { name: 'conv2d_weight_gradient_subgroup', code: weightCode, features };

/** Loads by lane = pixel, products by lane = channel: 2 x 2 or 3 x 3 taps, subgroups of exactly 8 lanes. */
export const subgroup: Family = {
  gather(context, problem) {
    const { x, y, gather } = problem;
    const taps = tapsOf(context.traits, gather.tapsY, gather.tapsX, gather.inStride);
    if (taps === undefined) return undefined;
    const tilesX = ceilDivide(gather.qW, 8);
    return [
      {
        kernel: gatherKernel,
        label: context.label,
        constants: { TAPS: taps },
        params: { ...gatherParams(problem, { grouped: true, columns: tilesX }), x_channels: x.shape[1] },
        bindings: gatherBindings(problem),
        dispatch: [tilesX, ceilDivide(gather.qH, 8), x.shape[0] * ceilDivide(ceil4(y.shape[1]), 8)],
        ...gatherWork(problem),
      },
    ];
  },

  weightGradient(context, problem) {
    const { x, dy, dw, attributes } = problem;
    const { stride, padding } = attributes;
    const [, , kernelH, kernelW] = dw.shape;
    const taps = tapsOf(context.traits, kernelH, kernelW, stride);
    if (taps === undefined) return undefined;
    const [xBlocks, dyBlocks] = [blocks(x.shape[1]), blocks(dy.shape[1])];
    // 64 to 72 sums per lane where the channels allow it: with more, the loop outgrows the instruction cache.
    const outputPairs = dyBlocks > 2 ? 2 : 1;
    const inputBlocks = xBlocks > 1 && (taps === 2 || outputPairs === 1) ? 2 : 1;
    const strips = dy.shape[0] * ceilDivide(dy.shape[3], 8);
    return splitWeightGradient(context, problem, {
      kernel: weightKernel,
      constants: { TAPS: taps, INPUT_BLOCKS: inputBlocks, OUTPUT_PAIRS: outputPairs },
      parts: strips,
      copy: [ceilDivide(xBlocks, inputBlocks), ceilDivide(dyBlocks, 2 * outputPairs), stride * stride],
      params: (perSplit) => ({
        ...{ x_blocks: xBlocks, x_h: x.shape[2], x_w: x.shape[3] },
        ...{ o4: ceil4(dy.shape[1]), dy_h: dy.shape[2], dy_w: dy.shape[3] },
        ...{ strips, strips_per_split: perSplit, stride, padding },
        ...{ kernel_h: kernelH, kernel_w: kernelW, rows_before: taps - 1 },
      }),
    });
  },
};

/** Taps along each axis of the dense convolutions that a stride splits the kernel into. */
function tapsOf(
  { subgroupSize }: AdapterTraits,
  tapsY: number,
  tapsX: number,
  stride: number,
): 2 | 3 | undefined {
  const taps = tapsX / stride;
  return subgroupSize === 8 && tapsY === tapsX && (taps === 2 || taps === 3) ? taps : undefined;
}
