import directCode from '../../shaders/conv2d_direct.wgsl?raw';
import subgroupCode from '../../shaders/conv2d_subgroup.wgsl?raw';
import weightDirectCode from '../../shaders/conv2d_weight_gradient_direct.wgsl?raw';
import weightSubgroupCode from '../../shaders/conv2d_weight_gradient_subgroup.wgsl?raw';
import sumPartialsCode from '../../shaders/sum_partials.wgsl?raw';
import weightTransposeCode from '../../shaders/weight_transpose.wgsl?raw';
import type { KernelCall, KernelSource, Param } from '../gpu/kernel-call';
import { chooseConvolution, chooseWeightGradient, workgroupSize } from './choice';
import type { KernelContext } from './context';
import { foldWorkgroups } from './dispatch';
import type { ConvolutionAttributes, Gather } from './lattice';
import { blocks, byteLength, ceil4, elementCount, type Shape, type Tensor } from './tensor';

const direct: KernelSource = { name: 'conv2d_direct', code: directCode };
const subgroup: KernelSource = { name: 'conv2d_subgroup', code: subgroupCode, features: ['subgroups'] };
const weightDirect: KernelSource = { name: 'conv2d_weight_gradient_direct', code: weightDirectCode };
const weightSubgroup: KernelSource = {
  name: 'conv2d_weight_gradient_subgroup',
  code: weightSubgroupCode,
  features: ['subgroups'],
};
const sumPartials: KernelSource = { name: 'sum_partials', code: sumPartialsCode };
const weightTranspose: KernelSource = { name: 'weight_transpose', code: weightTransposeCode };

const i32 = (value: number): Param => ({ i32: value });
const bytesOf = <B>(...tensors: Tensor<B>[]): number =>
  tensors.reduce((sum, tensor) => sum + byteLength(tensor.shape, tensor.layout), 0);

export interface GatherTensors<B> {
  readonly x: Tensor<B>;
  /** Reduction channels on the input axis: [channels of y, channels of x, KH, KW]. */
  readonly w: Tensor<B>;
  readonly y: Tensor<B>;
  readonly bias?: Tensor<B> | undefined;
}

/** One gather: y = act(x * w + bias) on one phase of y. */
export function gatherCall<B>(
  context: KernelContext<B>,
  { x, w, y, bias }: GatherTensors<B>,
  g: Gather,
  relu: boolean,
): KernelCall<B> {
  const [n, channels] = x.shape;
  const outputs = y.shape[1];
  const choice = chooseConvolution(context.traits, g);
  const flags = { RELU: Number(relu), BIAS: Number(bias !== undefined) };
  const shared = {
    label: context.label,
    // An unused binding still has to be bound: the weights stand in for a bias.
    bindings: [x.buffer, w.buffer, (bias ?? w).buffer, y.buffer],
    flops: 2 * n * outputs * channels * g.qH * g.qW * g.tapsY * g.tapsX,
    bytes: bytesOf(x, w) + bytesOf(y) / (g.outStride * g.outStride),
  };
  const tilesX = Math.ceil(g.qW / 8);
  if (choice.family === 'subgroup') {
    return {
      ...shared,
      kernel: subgroup,
      constants: { TAPS: choice.taps, ...flags },
      params: gatherParams(x, w, y, g, { grouped: true, columns: tilesX }),
      dispatch: [tilesX, Math.ceil(g.qH / 4), n * Math.ceil(ceil4(outputs) / 8)],
    };
  }
  const [columns, rows] = foldWorkgroups(context.traits, Math.ceil((tilesX * g.qH) / choice.workgroup));
  return {
    ...shared,
    kernel: direct,
    constants: { WORKGROUP: choice.workgroup, ...flags },
    params: gatherParams(x, w, y, g, { grouped: false, columns }),
    dispatch: [columns, rows, n * Math.ceil(blocks(outputs) / 2)],
  };
}

/**
 * The uniform block that all families share. `grouped`: a stride in the input splits the kernel into groups of
 * every inStride-th position, each a dense convolution on a sub-lattice of x.
 */
function gatherParams<B>(
  x: Tensor<B>,
  w: Tensor<B>,
  y: Tensor<B>,
  g: Gather,
  { grouped, columns }: { grouped: boolean; columns: number },
): Param[] {
  const groups = grouped ? g.inStride : 1;
  const tapStep = g.tapStep * groups;
  return [
    ...[blocks(x.shape[1]), i32(x.shape[2]), i32(x.shape[3])],
    ...[ceil4(y.shape[1]), y.shape[2], y.shape[3], g.qH, g.qW],
    ...[i32(g.inStride), i32(g.originY), i32(g.originX), g.outStride, g.phaseY, g.phaseX],
    ...[i32(groups), i32(g.tapsY / groups), i32(g.tapsX / groups)],
    ...[i32(g.tap0Y), i32(g.tap0X), i32(tapStep), i32(w.shape[2]), i32(w.shape[3]), columns],
  ];
}

/** Weights with their channel axes swapped, in a scratch buffer, and the call that fills it. */
export function transposedWeights<B>(
  context: KernelContext<B>,
  w: Tensor<B>,
): { wt: Tensor<B>; call: KernelCall<B> } {
  const [o, i, kernelH, kernelW] = w.shape;
  const shape: Shape = [i, o, kernelH, kernelW];
  const wt: Tensor<B> = { shape, layout: 'weight', buffer: context.scratch(byteLength(shape, 'weight')) };
  const size = workgroupSize(context.traits);
  const taps = kernelH * kernelW;
  const call: KernelCall<B> = {
    kernel: weightTranspose,
    label: context.label,
    constants: { WORKGROUP: size },
    params: [blocks(i), blocks(o), taps],
    bindings: [w.buffer, wt.buffer],
    dispatch: [Math.ceil((blocks(i) * blocks(o) * taps) / size), 1, 1],
    flops: 0,
    bytes: bytesOf(w, wt),
  };
  return { wt, call };
}

export interface WeightGradientTensors<B> {
  /** [N, I, H, W] */
  readonly x: Tensor<B>;
  /** [N, O, P, Q] */
  readonly dy: Tensor<B>;
  /** [O, I, KH, KW] */
  readonly dw: Tensor<B>;
}

/** Weight gradient of the convolution that takes x to dy's shape: split sums, then their sum in fixed order. */
export function weightGradientCalls<B>(
  context: KernelContext<B>,
  { x, dy, dw }: WeightGradientTensors<B>,
  { stride, padding }: ConvolutionAttributes,
): KernelCall<B>[] {
  const [n, i, xH, xW] = x.shape;
  const [, o, dyH, dyW] = dy.shape;
  const [, , kernelH, kernelW] = dw.shape;
  const rows = n * dyH;
  const geometry = { kernelH, kernelW, stride, padding, xBlocks: blocks(i), dyBlocks: blocks(o), rows };
  const choice = chooseWeightGradient(context.traits, geometry);
  const dwBytes = byteLength(dw.shape, dw.layout);
  const partials = choice.splits === 1 ? dw.buffer : context.scratch(choice.splits * dwBytes);
  const shared = {
    label: context.label,
    bindings: [x.buffer, dy.buffer, partials],
    flops: 2 * elementCount(dw.shape) * n * dyH * dyW,
    bytes: bytesOf(x, dy, dw),
  };
  const tail: Param[] = [rows, choice.rowsPerSplit, i32(stride), i32(padding)];
  const first: KernelCall<B> =
    choice.family === 'subgroup'
      ? {
          ...shared,
          kernel: weightSubgroup,
          constants: { TAPS: choice.taps },
          params: [blocks(i), i32(xH), i32(xW), ceil4(o), dyH, dyW, ...tail, i32(kernelH), i32(kernelW)],
          dispatch: [blocks(i), Math.ceil(ceil4(o) / 8), choice.splits * stride * stride],
        }
      : {
          ...shared,
          kernel: weightDirect,
          constants: { WORKGROUP: choice.workgroup },
          params: [blocks(i), i32(xH), i32(xW), blocks(o), dyH, dyW, ...tail, kernelH, kernelW],
          dispatch: [
            Math.ceil((Math.ceil(blocks(i) / 2) * kernelH * kernelW) / choice.workgroup),
            Math.ceil(blocks(o) / 2),
            choice.splits,
          ],
        };
  if (choice.splits === 1) return [first];
  const length = dwBytes / 16;
  const size = workgroupSize(context.traits);
  const dispatch = foldWorkgroups(context.traits, Math.ceil(length / size));
  const second: KernelCall<B> = {
    kernel: sumPartials,
    label: context.label,
    constants: { WORKGROUP: size },
    params: [length, choice.splits, dispatch[0] * size],
    bindings: [partials, dw.buffer],
    dispatch,
    flops: 0,
    bytes: 0,
  };
  return [first, second];
}
