import weightCode from '../../../shaders/conv2d_weight_gradient_workgroup.wgsl?raw';
import gatherCode from '../../../shaders/conv2d_workgroup.wgsl?raw';
import type { KernelCall, KernelSource } from '../../gpu/kernel-call';
import type { KernelContext } from '../context';
import { blocks } from '../tensor';
import type { GatherTensors } from './gather';
import { gatherParams } from './gather-params';
import type { ConvolutionAttributes, Gather } from './lattice';
import type { WeightGradientTensors } from './weight-gradient';
import { gatherWork, weightGradientWork } from './work';
import { type GatherTile, tileDispatch, type WeightGradientTile } from './workgroup-tiles';

const gatherKernel: KernelSource = { name: 'conv2d_workgroup', code: gatherCode };
const weightKernel: KernelSource = { name: 'conv2d_weight_gradient_workgroup', code: weightCode };

/** A gather as an implicit matrix product in workgroup memory: every shape; made for GPUs. */
export function workgroupGather<B>(
  context: KernelContext<B>,
  tensors: GatherTensors<B>,
  g: Gather,
  relu: boolean,
  { tile }: { readonly tile: GatherTile },
): KernelCall<B> {
  const { x, w, y, bias } = tensors;
  return {
    kernel: gatherKernel,
    label: context.label,
    constants: {
      PIXEL_LANES: tile.pixelLanes,
      CHANNEL_LANES: tile.channelLanes,
      PIXELS: tile.pixels,
      BLOCKS: tile.blocks,
      PATCH_W: tile.patchWidth,
      DEPTH: Math.min(tile.depth, blocks(x.shape[1])),
      RELU: Number(relu),
      BIAS: Number(bias !== undefined),
    },
    params: gatherParams(tensors, g, { grouped: false, columns: 0 }),
    // An unused binding still has to be bound: the weights stand in for a bias.
    bindings: [x.buffer, w.buffer, (bias ?? w).buffer, y.buffer],
    dispatch: tileDispatch(tile, g, { images: x.shape[0], outputs: y.shape[1] }),
    ...gatherWork(tensors, g),
  };
}

/** Partial sums of a weight gradient, one copy of the weights per split. */
export function workgroupWeightGradient<B>(
  context: KernelContext<B>,
  tensors: WeightGradientTensors<B>,
  partials: B,
  { stride, padding }: ConvolutionAttributes,
  { tile, splits, rowsPerSplit }: { tile: WeightGradientTile; splits: number; rowsPerSplit: number },
): KernelCall<B> {
  const { x, dy, dw } = tensors;
  const [n, i, xH, xW] = x.shape;
  const [, o, dyH, dyW] = dy.shape;
  const [, , kernelH, kernelW] = dw.shape;
  return {
    kernel: weightKernel,
    label: context.label,
    constants: {
      X_LANES: tile.xLanes,
      DY_LANES: tile.dyLanes,
      PIXEL_LANES: tile.pixelLanes,
      SPAN: tile.span,
      TAPS: tile.taps,
      STRIDE: stride,
    },
    params: {
      ...{ x_blocks: blocks(i), x_h: xH, x_w: xW, dy_blocks: blocks(o), dy_h: dyH, dy_w: dyW },
      ...{ rows: n * dyH, rows_per_split: rowsPerSplit, padding, kernel_h: kernelH, kernel_w: kernelW },
    },
    bindings: [x.buffer, dy.buffer, partials],
    dispatch: [
      Math.ceil(blocks(i) / tile.xLanes),
      Math.ceil(blocks(o) / tile.dyLanes),
      splits * kernelH * Math.ceil(kernelW / tile.taps),
    ],
    ...weightGradientWork(tensors),
  };
}
