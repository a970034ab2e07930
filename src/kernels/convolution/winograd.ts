import inputCode from '../../../shaders/winograd_input.wgsl?raw';
import outputCode from '../../../shaders/winograd_output.wgsl?raw';
import outputGradientCode from '../../../shaders/winograd_output_gradient.wgsl?raw';
import weightCode from '../../../shaders/winograd_weight.wgsl?raw';
import weightGradientCode from '../../../shaders/winograd_weight_gradient.wgsl?raw';
import type { KernelCall, KernelSource } from '../../gpu/kernel-call';
import type { WinogradChoice } from '../choice';
import type { KernelContext } from '../context';
import { ceilDivide, foldWorkgroups } from '../dispatch';
import { blocks, ceil4, type Tensor } from '../tensor';
import type { GatherTensors } from './gather';
import type { ConvolutionAttributes, Gather } from './lattice';
import type { WeightGradientTensors } from './weight-gradient';
import { winogradProduct } from './winograd-product';
import { paddedRows, pointStride, pointsBytes, type WinogradTiles, winogradTiles } from './winograd-tiles';
import { gatherWork, weightGradientWork } from './work';

const inputKernel: KernelSource = { name: 'winograd_input', code: inputCode };
const weightKernel: KernelSource = { name: 'winograd_weight', code: weightCode };
const outputKernel: KernelSource = { name: 'winograd_output', code: outputCode };
const outputGradientKernel: KernelSource = { name: 'winograd_output_gradient', code: outputGradientCode };
const weightGradientKernel: KernelSource = { name: 'winograd_weight_gradient', code: weightGradientCode };

/**
 * A 3x3 gather with strides of 1 by F(4x4, 3x3): tiles of the input and kernels transformed, 36 matrix products,
 * tiles of the output transformed back. Lavin and Gray, "Fast algorithms for convolutional neural networks",
 * CVPR 2016; docs/derivations.md.
 */
export function winogradGather<B>(
  context: KernelContext<B>,
  tensors: GatherTensors<B>,
  g: Gather,
  relu: boolean,
  choice: WinogradChoice,
): KernelCall<B>[] {
  const { x, w, y } = tensors;
  const tiles = winogradTiles(x.shape[0], g.qH, g.qW);
  const rows = paddedRows(tiles.tiles);
  const terms = x.shape[1];
  const columns = ceil4(y.shape[1]);
  const a = context.scratch(pointsBytes(terms, rows));
  const b = context.scratch(pointsBytes(terms, columns));
  const { product, call } = winogradProduct(context, { a, b, terms, rows, columns }, choice);
  const layout = { rows, tilesPadded: rows, terms, sumOverTiles: false };
  return [
    inputTransform(context, x, a, { ...tiles, ...g, ...layout }, choice),
    weightTransform(context, w, b, g, choice),
    // The work of the whole, counted once.
    { ...call, ...gatherWork(tensors, g) },
    outputTransform(context, product, tensors, { ...tiles, rows, relu }, choice),
  ];
}

/** The weight gradient of a 3x3 convolution with stride 1: dw = G^T (sum over tiles of B^T d B * A dy A^T) G. */
export function winogradWeightGradient<B>(
  context: KernelContext<B>,
  tensors: WeightGradientTensors<B>,
  { padding }: ConvolutionAttributes,
  choice: WinogradChoice,
): KernelCall<B>[] {
  const { x, dy, dw } = tensors;
  const tiles = winogradTiles(dy.shape[0], dy.shape[2], dy.shape[3]);
  const tilesPadded = ceil4(tiles.tiles);
  const rows = paddedRows(ceil4(x.shape[1]));
  const columns = ceil4(dy.shape[1]);
  const a = context.scratch(pointsBytes(tilesPadded, rows));
  const b = context.scratch(pointsBytes(tilesPadded, columns));
  const operands = { a, b, terms: tilesPadded, rows, columns };
  const { product, call } = winogradProduct(context, operands, choice);
  const layout = {
    rows,
    tilesPadded,
    terms: tilesPadded,
    sumOverTiles: true,
    originY: -padding,
    originX: -padding,
  };
  return [
    inputTransform(context, x, a, { ...tiles, ...layout }, choice),
    outputGradientTransform(context, dy, b, { ...tiles, tilesPadded }, choice),
    { ...call, ...weightGradientWork(tensors) },
    kernelCall(context, weightGradientKernel, choice, {
      params: { o4: columns, rows, point: pointStride(columns, rows) },
      bindings: [product, dw.buffer],
      dispatch: [ceilDivide(4 * columns, choice.workgroup), 1, blocks(x.shape[1])],
    }),
  ];
}

interface InputTiles extends WinogradTiles {
  readonly originY: number;
  readonly originX: number;
  readonly rows: number;
  readonly tilesPadded: number;
  readonly terms: number;
  readonly sumOverTiles: boolean;
}

function inputTransform<B>(
  context: KernelContext<B>,
  x: Tensor<B>,
  to: B,
  t: InputTiles,
  choice: WinogradChoice,
): KernelCall<B> {
  const [, channels, height, width] = x.shape;
  const [across, down] = foldWorkgroups(context.traits, ceilDivide(4 * t.tilesPadded, choice.workgroup));
  return kernelCall(context, inputKernel, choice, {
    constants: { SUM_OVER_TILES: Number(t.sumOverTiles) },
    params: {
      ...{ x_blocks: blocks(channels), x_h: height, x_w: width, origin_y: t.originY, origin_x: t.originX },
      ...{ tiles_y: t.tilesY, tiles_x: t.tilesX, tiles: t.tiles, tiles_padded: t.tilesPadded },
      ...{ rows: t.rows, point: pointStride(t.terms, t.rows), columns: across },
    },
    bindings: [x.buffer, to],
    dispatch: [across, down, blocks(channels)],
  });
}

function weightTransform<B>(
  context: KernelContext<B>,
  w: Tensor<B>,
  to: B,
  { tap0Y, tap0X, tapStep }: Gather,
  choice: WinogradChoice,
): KernelCall<B> {
  const [outputs, inputs] = w.shape;
  const width = ceil4(outputs);
  return kernelCall(context, weightKernel, choice, {
    params: { o4: width, tap0: 3 * tap0Y + tap0X, tap_step: tapStep, point: pointStride(inputs, width) },
    bindings: [w.buffer, to],
    dispatch: [ceilDivide(4 * width, choice.workgroup), 1, blocks(inputs)],
  });
}

function outputTransform<B>(
  context: KernelContext<B>,
  product: B,
  { y, bias }: GatherTensors<B>,
  t: WinogradTiles & { readonly rows: number; readonly relu: boolean },
  choice: WinogradChoice,
): KernelCall<B> {
  const [, channels, height, width] = y.shape;
  const [across, down] = foldWorkgroups(context.traits, ceilDivide(4 * t.tiles, choice.workgroup));
  return kernelCall(context, outputKernel, choice, {
    constants: { RELU: Number(t.relu), BIAS: Number(bias !== undefined) },
    params: {
      ...{ y_blocks: blocks(channels), y_h: height, y_w: width },
      ...{ tiles_y: t.tilesY, tiles_x: t.tilesX, tiles: t.tiles },
      ...{ rows: t.rows, point: pointStride(channels, t.rows), columns: across },
    },
    // An unused binding still has to be bound: the products stand in for a bias.
    bindings: [product, bias?.buffer ?? product, y.buffer],
    dispatch: [across, down, blocks(channels)],
  });
}

function outputGradientTransform<B>(
  context: KernelContext<B>,
  dy: Tensor<B>,
  to: B,
  t: WinogradTiles & { readonly tilesPadded: number },
  choice: WinogradChoice,
): KernelCall<B> {
  const [, channels, height, width] = dy.shape;
  const [across, down] = foldWorkgroups(context.traits, ceilDivide(4 * t.tilesPadded, choice.workgroup));
  return kernelCall(context, outputGradientKernel, choice, {
    params: {
      ...{ dy_blocks: blocks(channels), dy_h: height, dy_w: width },
      ...{ tiles_y: t.tilesY, tiles_x: t.tilesX, tiles: t.tiles, tiles_padded: t.tilesPadded },
      ...{ rows: ceil4(channels), point: pointStride(t.tilesPadded, ceil4(channels)), columns: across },
    },
    bindings: [dy.buffer, to],
    dispatch: [across, down, blocks(channels)],
  });
}

/** A pass of its own, whose work the product counts. */
function kernelCall<B>(
  { label }: KernelContext<B>,
  kernel: KernelSource,
  { workgroup }: WinogradChoice,
  call: Pick<KernelCall<B>, 'params' | 'bindings' | 'dispatch'> & Partial<Pick<KernelCall<B>, 'constants'>>,
): KernelCall<B> {
  const constants = { WORKGROUP: workgroup, ...call.constants };
  return { ...call, kernel, label, constants, flops: 0, bytes: 0 };
}
