import weightCode from '../../../../shaders/conv2d_weight_gradient_workgroup.wgsl?raw';
import gatherCode from '../../../../shaders/conv2d_workgroup.wgsl?raw';
import type { KernelCall, KernelSource } from '../../../gpu/kernel-call';
import type { KernelContext } from '../../context';
import { ceilDivide } from '../../dispatch';
import { blocks } from '../../tensor';
import { gridParts, WHOLE_GRID } from '../grid-parts';
import { phaseCount } from '../lattice';
import {
  type GatherProblem,
  gatherBindings,
  gatherParams,
  gatherWork,
  outputRows,
  weightGradientParams,
} from '../problem';
import { splitWeightGradient } from '../split-sum';
import {
  type GatherSize,
  type GatherTile,
  gatherTile,
  tapsTogether,
  tileDispatch,
  weightGradientTile,
} from '../workgroup-tiles';
import type { Family } from './family';

const gatherKernel: KernelSource = { name: 'conv2d_workgroup', code: gatherCode, entryPoint: 'main' };
const poolKernel: KernelSource = { name: 'conv2d_workgroup_pool', code: gatherCode, entryPoint: 'pool' };
const weightKernel: KernelSource = { name: 'conv2d_weight_gradient_workgroup', code: weightCode };

/** Implicit matrix products with operands staged in workgroup memory: every shape; made for GPUs. */
export const workgroup: Family = {
  takesPhases: true,
  takesPool: true,

  gather(context, problem) {
    const size = gatherSize(problem);
    const { maxComputeInvocationsPerWorkgroup } = context.traits.limits;
    const { gatherWorkgroups } = context.policy;
    const tile = gatherTile(problem.gather, size, gatherWorkgroups, maxComputeInvocationsPerWorkgroup);
    return gridParts(workgroupGather(context, problem, tile));
  },

  weightGradient(context, problem) {
    const { x, dy, dw, attributes } = problem;
    const [, , kernelH, kernelW] = dw.shape;
    const [xBlocks, dyBlocks] = [blocks(x.shape[1]), blocks(dy.shape[1])];
    const { stride } = attributes;
    const tile = weightGradientTile({ kernelW, stride, xBlocks, dyBlocks, dyW: dy.shape[3] });
    const kernelParts = kernelH * ceilDivide(kernelW, tile.taps);
    const calls = splitWeightGradient(context, problem, {
      kernel: weightKernel,
      constants: {
        X_LANES: tile.xLanes,
        DY_LANES: tile.dyLanes,
        PIXEL_LANES: tile.pixelLanes,
        SPAN: tile.span,
        TAPS: tile.taps,
        STRIDE: stride,
      },
      parts: outputRows(dy),
      copy: [ceilDivide(xBlocks, tile.xLanes), ceilDivide(dyBlocks, tile.dyLanes), kernelParts],
      params: (perSplit) => ({ ...weightGradientParams(problem, perSplit), ...WHOLE_GRID }),
    });
    // The sum of the copies, if there is one, counts no work.
    return calls.flatMap((call) => gridParts(call));
  },
};

const ONE_PHASE = { count: 1, originStep: 0, tap0Step: 0 };

const gatherSize = <B>({ x, y, gather }: GatherProblem<B>): GatherSize => ({
  images: x.shape[0],
  outputs: y.shape[1],
  phases: phaseCount(gather),
});

/** The gather with a given tile; all tiles give the same bits. */
export function workgroupGather<B>(
  context: KernelContext<B>,
  problem: GatherProblem<B>,
  tile: GatherTile,
): KernelCall<B> {
  const { x, pooled, gather } = problem;
  const { count: phases, originStep, tap0Step } = gather.phases ?? ONE_PHASE;
  return {
    kernel: pooled ? poolKernel : gatherKernel,
    label: context.label,
    constants: {
      PIXEL_LANES: tile.pixelLanes,
      CHANNEL_LANES: tile.channelLanes,
      PIXELS: tile.pixels,
      BLOCKS: tile.blocks,
      PATCH_W: tile.patchWidth,
      DEPTH: Math.min(tile.depth, blocks(x.shape[1])),
      TAPS: tapsTogether(gather),
      F16_STEPS: Number(x.precision === 'f16-arithmetic'),
    },
    params: {
      ...gatherParams(problem, { grouped: false, columns: 0 }),
      ...{ phases, origin_step: originStep, tap0_step: tap0Step, ...WHOLE_GRID },
    },
    bindings: gatherBindings(problem),
    dispatch: tileDispatch(tile, gather, gatherSize(problem)),
    ...gatherWork(problem),
  };
}
