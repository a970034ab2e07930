import sumPartialsCode from '../../../shaders/sum_partials.wgsl?raw';
import type { KernelCall, KernelSource } from '../../gpu/kernel-call';
import { chooseWeightGradient, type WeightGradientChoice, type WinogradChoice } from '../choice';
import type { KernelContext } from '../context';
import { foldWorkgroups } from '../dispatch';
import { blocks, byteLength, type Tensor } from '../tensor';
import { directWeightGradient } from './direct';
import type { ConvolutionAttributes } from './lattice';
import { matrixWeightGradient } from './matrix';
import { subgroupWeightGradient } from './subgroup';
import { winogradWeightGradient } from './winograd';
import { workgroupWeightGradient } from './workgroup';

const sumPartials: KernelSource = { name: 'sum_partials', code: sumPartialsCode };

export interface WeightGradientTensors<B> {
  /** [N, I, H, W] */
  readonly x: Tensor<B>;
  /** [N, O, P, Q] */
  readonly dy: Tensor<B>;
  /** [O, I, KH, KW] */
  readonly dw: Tensor<B>;
}

/** Weight gradient of the convolution that takes x to dy's shape; split sums are added up in fixed order. */
export function weightGradientCalls<B>(
  context: KernelContext<B>,
  tensors: WeightGradientTensors<B>,
  attributes: ConvolutionAttributes,
): KernelCall<B>[] {
  const { x, dy, dw } = tensors;
  const [, , kernelH, kernelW] = dw.shape;
  const [images, , dyH, dyW] = dy.shape;
  const [xBlocks, dyBlocks] = [blocks(x.shape[1]), blocks(dy.shape[1])];
  const geometry = { kernelH, kernelW, ...attributes, xBlocks, dyBlocks, images, dyH, dyW };
  const choice = chooseWeightGradient(context, geometry);
  if (choice.family === 'winograd') return winogradWeightGradient(context, tensors, attributes, choice);
  const bytes = byteLength(dw.shape, dw.layout);
  const partials = choice.splits === 1 ? dw.buffer : context.scratch(choice.splits * bytes);
  const first = rowSums(context, tensors, partials, attributes, choice);
  if (choice.splits === 1) return [first];
  return [first, sumCall(context, partials, dw.buffer, { length: bytes / 16, splits: choice.splits })];
}

function rowSums<B>(
  context: KernelContext<B>,
  tensors: WeightGradientTensors<B>,
  partials: B,
  attributes: ConvolutionAttributes,
  choice: Exclude<WeightGradientChoice, WinogradChoice>,
): KernelCall<B> {
  switch (choice.family) {
    case 'subgroup':
      return subgroupWeightGradient(context, tensors, partials, attributes, choice);
    case 'matrix':
      return matrixWeightGradient(context, tensors, partials, attributes, choice);
    case 'workgroup':
      return workgroupWeightGradient(context, tensors, partials, attributes, choice);
    case 'direct':
      return directWeightGradient(context, tensors, partials, attributes, choice);
  }
}

/** sum[i] = sum over splits of partials[split][i], in order; lengths in vec4. */
function sumCall<B>(
  context: KernelContext<B>,
  partials: B,
  sum: B,
  { length, splits }: { length: number; splits: number },
): KernelCall<B> {
  const size = context.policy.workgroup;
  const dispatch = foldWorkgroups(context.traits, Math.ceil(length / size));
  return {
    kernel: sumPartials,
    label: context.label,
    constants: { WORKGROUP: size },
    params: { length, splits, columns: dispatch[0] * size },
    bindings: [partials, sum],
    dispatch,
    flops: 0,
    bytes: 0,
  };
}
