import gatherCode from '../../../shaders/conv2d_matrix.wgsl?raw';
import weightCode from '../../../shaders/conv2d_weight_gradient_matrix.wgsl?raw';
import type { KernelCall, KernelSource } from '../../gpu/kernel-call';
import {
  type ConvolutionChoice,
  type MatrixChoice,
  matrixGradientBlocks,
  type WeightGradientChoice,
} from '../choice';
import type { KernelContext } from '../context';
import { foldWorkgroups } from '../dispatch';
import { blocks } from '../tensor';
import type { GatherTensors } from './gather';
import { gatherParams } from './gather-params';
import type { ConvolutionAttributes, Gather } from './lattice';
import type { WeightGradientTensors } from './weight-gradient';
import { gatherWork, weightGradientWork } from './work';

const features: readonly GPUFeatureName[] = ['subgroups'];
const gatherKernel: KernelSource = { name: 'conv2d_matrix', code: gatherCode, features };
const weightKernel: KernelSource = { name: 'conv2d_weight_gradient_matrix', code: weightCode, features };

/** Lanes that share the columns of a 4x4 matrix of weights. */
const LANES = 4;

/** A gather by vec4 x mat4x4, each lane with pixels of its own: every shape, subgroups of at least 4 lanes. */
export function matrixGather<B>(
  context: KernelContext<B>,
  tensors: GatherTensors<B>,
  g: Gather,
  relu: boolean,
  { pixels, taps }: Extract<ConvolutionChoice, MatrixChoice>,
): KernelCall<B> {
  const { x, w, y, bias } = tensors;
  const outputs = blocks(y.shape[1]);
  const perGroup = Math.min(2, outputs);
  const tiles = x.shape[0] * g.qH * Math.ceil(g.qW / pixels);
  const [columns, rows] = foldWorkgroups(context.traits, Math.ceil(tiles / LANES));
  return {
    kernel: gatherKernel,
    label: context.label,
    // What ends each output is no constant, so that layers share pipelines: they are long to compile.
    constants: { PIXELS: pixels, BLOCKS: perGroup, TAPS: taps },
    params: {
      ...gatherParams(tensors, g, { grouped: false, columns }),
      ...{ tiles, relu: Number(relu), biased: Number(bias !== undefined) },
    },
    // An unused binding still has to be bound: the weights stand in for a bias.
    bindings: [x.buffer, w.buffer, (bias ?? w).buffer, y.buffer],
    dispatch: [columns, rows, Math.ceil(outputs / perGroup)],
    ...gatherWork(tensors, g),
  };
}

/** Partial sums of a weight gradient, one copy of the weights per split: 4x4 matrices over pixels. */
export function matrixWeightGradient<B>(
  context: KernelContext<B>,
  tensors: WeightGradientTensors<B>,
  partials: B,
  { stride, padding }: ConvolutionAttributes,
  choice: Extract<WeightGradientChoice, MatrixChoice>,
): KernelCall<B> {
  const { x, dy, dw } = tensors;
  const [n, i, xH, xW] = x.shape;
  const [, o, dyH, dyW] = dy.shape;
  const [, , kernelH, kernelW] = dw.shape;
  const { taps, splits, rowsPerSplit } = choice;
  const units = (blocks(i) * kernelH * kernelW) / taps;
  const perGroup = matrixGradientBlocks(choice, blocks(o));
  return {
    kernel: weightKernel,
    label: context.label,
    constants: { BLOCKS: perGroup, TAPS: taps },
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
    dispatch: [Math.ceil(units / LANES), Math.ceil(blocks(o) / perGroup), splits],
    ...weightGradientWork(tensors),
  };
}
