import gatherCode from '../../../shaders/conv2d_subgroup.wgsl?raw';
import weightCode from '../../../shaders/conv2d_weight_gradient_subgroup.wgsl?raw';
import type { KernelCall, KernelSource } from '../../gpu/kernel-call';
import type { SubgroupChoice, WeightGradientChoice } from '../choice';
import type { KernelContext } from '../context';
import { blocks, ceil4 } from '../tensor';
import type { GatherTensors } from './gather';
import { gatherParams } from './gather-params';
import type { ConvolutionAttributes, Gather } from './lattice';
import type { WeightGradientTensors } from './weight-gradient';
import { gatherWork, weightGradientWork } from './work';

const features: readonly GPUFeatureName[] = ['subgroups'];
const gatherKernel: KernelSource = { name: 'conv2d_subgroup', code: gatherCode, features };
const weightKernel: KernelSource = { name: 'conv2d_weight_gradient_subgroup', code: weightCode, features };

/** A gather that loads by lane = pixel and multiplies by lane = channel: subgroups of 8 lanes. */
export function subgroupGather<B>(
  context: KernelContext<B>,
  tensors: GatherTensors<B>,
  g: Gather,
  relu: boolean,
  { taps }: SubgroupChoice,
): KernelCall<B> {
  const { x, w, y, bias } = tensors;
  const tilesX = Math.ceil(g.qW / 8);
  return {
    kernel: gatherKernel,
    label: context.label,
    // What ends each output is no constant, so that layers share pipelines.
    constants: { TAPS: taps },
    params: {
      ...gatherParams(tensors, g, { grouped: true, columns: tilesX }),
      ...{ x_channels: x.shape[1], relu: Number(relu), biased: Number(bias !== undefined) },
    },
    // An unused binding still has to be bound: the weights stand in for a bias.
    bindings: [x.buffer, w.buffer, (bias ?? w).buffer, y.buffer],
    dispatch: [tilesX, Math.ceil(g.qH / 8), x.shape[0] * Math.ceil(ceil4(y.shape[1]) / 8)],
    ...gatherWork(tensors, g),
  };
}

/** Partial sums of a weight gradient, one copy of the weights per split. */
export function subgroupWeightGradient<B>(
  context: KernelContext<B>,
  tensors: WeightGradientTensors<B>,
  partials: B,
  { stride, padding }: ConvolutionAttributes,
  { taps, inputBlocks, outputStrips, splits, stripsPerSplit }: Extract<WeightGradientChoice, SubgroupChoice>,
): KernelCall<B> {
  const { x, dy, dw } = tensors;
  const [n, i, xH, xW] = x.shape;
  const [, o, dyH, dyW] = dy.shape;
  const [, , kernelH, kernelW] = dw.shape;
  return {
    kernel: weightKernel,
    label: context.label,
    constants: { TAPS: taps, INPUT_BLOCKS: inputBlocks, OUTPUT_STRIPS: outputStrips },
    params: {
      ...{ x_blocks: blocks(i), x_h: xH, x_w: xW, o4: ceil4(o), dy_h: dyH, dy_w: dyW },
      ...{ strips: n * Math.ceil(dyW / 8), strips_per_split: stripsPerSplit, stride, padding },
      ...{ kernel_h: kernelH, kernel_w: kernelW, rows_before: taps - 1 },
    },
    bindings: [x.buffer, dy.buffer, partials],
    dispatch: [
      Math.ceil(blocks(i) / inputBlocks),
      Math.ceil(ceil4(o) / (8 * outputStrips)),
      splits * stride * stride,
    ],
    ...weightGradientWork(tensors),
  };
}
