import gatherCode from '../../../shaders/conv2d_direct.wgsl?raw';
import weightCode from '../../../shaders/conv2d_weight_gradient_direct.wgsl?raw';
import type { KernelCall, KernelSource } from '../../gpu/kernel-call';
import type { DirectChoice, WeightGradientChoice } from '../choice';
import type { KernelContext } from '../context';
import { foldWorkgroups } from '../dispatch';
import { blocks } from '../tensor';
import type { GatherTensors } from './gather';
import { gatherParams } from './gather-params';
import type { ConvolutionAttributes, Gather } from './lattice';
import type { WeightGradientTensors } from './weight-gradient';
import { gatherWork, weightGradientWork } from './work';

const gatherKernel: KernelSource = { name: 'conv2d_direct', code: gatherCode };
const weightKernel: KernelSource = { name: 'conv2d_weight_gradient_direct', code: weightCode };

/** A gather by register tiles of vec4 x mat4x4: every shape, every adapter. */
export function directGather<B>(
  context: KernelContext<B>,
  tensors: GatherTensors<B>,
  g: Gather,
  relu: boolean,
  { workgroup }: DirectChoice,
): KernelCall<B> {
  const { x, w, y, bias } = tensors;
  const tiles = Math.ceil(g.qW / 8) * g.qH;
  const [columns, rows] = foldWorkgroups(context.traits, Math.ceil(tiles / workgroup));
  return {
    kernel: gatherKernel,
    label: context.label,
    constants: { WORKGROUP: workgroup, RELU: Number(relu), BIAS: Number(bias !== undefined) },
    params: gatherParams(tensors, g, { grouped: false, columns }),
    // An unused binding still has to be bound: the weights stand in for a bias.
    bindings: [x.buffer, w.buffer, (bias ?? w).buffer, y.buffer],
    dispatch: [columns, rows, x.shape[0] * Math.ceil(blocks(y.shape[1]) / 2)],
    ...gatherWork(tensors, g),
  };
}

/** Partial sums of a weight gradient, one copy of the weights per split. */
export function directWeightGradient<B>(
  context: KernelContext<B>,
  tensors: WeightGradientTensors<B>,
  partials: B,
  { stride, padding }: ConvolutionAttributes,
  { workgroup, splits, rowsPerSplit }: Extract<WeightGradientChoice, DirectChoice>,
): KernelCall<B> {
  const { x, dy, dw } = tensors;
  const [n, i, xH, xW] = x.shape;
  const [, o, dyH, dyW] = dy.shape;
  const [, , kernelH, kernelW] = dw.shape;
  const positions = Math.ceil(blocks(i) / 2) * kernelH * kernelW;
  return {
    kernel: weightKernel,
    label: context.label,
    constants: { WORKGROUP: workgroup },
    params: {
      ...{ x_blocks: blocks(i), x_h: xH, x_w: xW, dy_blocks: blocks(o), dy_h: dyH, dy_w: dyW },
      ...{
        rows: n * dyH,
        rows_per_split: rowsPerSplit,
        stride,
        padding,
        kernel_h: kernelH,
        kernel_w: kernelW,
      },
    },
    bindings: [x.buffer, dy.buffer, partials],
    dispatch: [Math.ceil(positions / workgroup), Math.ceil(blocks(o) / 2), splits],
    ...weightGradientWork(tensors),
  };
}
