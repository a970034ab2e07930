import inputCode from '../../../../shaders/winograd_input.wgsl?raw';
import outputCode from '../../../../shaders/winograd_output.wgsl?raw';
import outputGradientCode from '../../../../shaders/winograd_output_gradient.wgsl?raw';
import weightCode from '../../../../shaders/winograd_weight.wgsl?raw';
import weightGradientCode from '../../../../shaders/winograd_weight_gradient.wgsl?raw';
import type { KernelCall, KernelSource } from '../../../gpu/kernel-call';
import type { AdapterTraits } from '../../../gpu/types';
import type { KernelContext } from '../../context';
import { ceilDivide, foldWorkgroups } from '../../dispatch';
import { blocks, ceil4, type Tensor } from '../../tensor';
import type { Gather } from '../lattice';
import { type GatherProblem, gatherWork, weightGradientWork } from '../problem';
import { winogradProduct } from '../winograd-product';
import {
  paddedRows,
  pointStride,
  pointsBytes,
  type WinogradTiles,
  winogradGatherBytes,
  winogradTiles,
  winogradWeightGradientBytes,
} from '../winograd-tiles';
import type { Family } from './family';

const inputKernel: KernelSource = { name: 'winograd_input', code: inputCode };
const weightKernel: KernelSource = { name: 'winograd_weight', code: weightCode };
const outputKernel: KernelSource = { name: 'winograd_output', code: outputCode };
const outputGradientKernel: KernelSource = { name: 'winograd_output_gradient', code: outputGradientCode };
const weightGradientKernel: KernelSource = { name: 'winograd_weight_gradient', code: weightGradientCode };

/**
 * F(4x4, 3x3), for 3x3 kernels with stride 1: transforms tiles of the input and kernels, computes 36 matrix products,
 * and transforms tiles of the output back. Lavin and Gray, "Fast algorithms for convolutional neural networks", CVPR
 * 2016; docs/derivations.md.
 */
export const winograd: Family = {
  gather(context, problem) {
    const { x, w, y, gather: g } = problem;
    const { policy } = context;
    const tiles = winogradTiles(x.shape[0], g.qH, g.qW);
    const [terms, outputs] = [x.shape[1], y.shape[1]];
    if (g.tapsY !== 3 || g.tapsX !== 3 || Math.abs(g.tapStep) !== 1) return undefined;
    if (g.inStride !== 1 || g.outStride !== 1 || g.qH !== y.shape[2]) return undefined;
    if (Math.min(terms, outputs) < policy.winogradChannels.gather) return undefined;
    if (tiles.tiles < policy.winogradTiles) return undefined;
    if (!fits(context.traits, winogradGatherBytes(tiles.tiles, terms, outputs))) return undefined;
    const rows = paddedRows(tiles.tiles);
    const columns = ceil4(outputs);
    const a = context.scratch(pointsBytes(terms, rows));
    const b = context.scratch(pointsBytes(terms, columns));
    const { product, call } = winogradProduct(context, { a, b, terms, rows, columns });
    const layout = { rows, tilesPadded: rows, terms, sumOverTiles: false };
    return [
      inputTransform(context, x, a, { ...tiles, ...g, ...layout }),
      weightTransform(context, w, b, g),
      // The work of all passes, counted once.
      { ...call, ...gatherWork(problem) },
      outputTransform(context, product, problem, { ...tiles, rows }),
    ];
  },

  /** dw = G^T (sum over tiles of B^T d B * A dy A^T) G. */
  weightGradient(context, problem) {
    const { x, dy, dw, attributes } = problem;
    const { policy } = context;
    const [, , kernelH, kernelW] = dw.shape;
    const tiles = winogradTiles(dy.shape[0], dy.shape[2], dy.shape[3]);
    const [inputs, columns] = [ceil4(x.shape[1]), ceil4(dy.shape[1])];
    if (kernelH !== 3 || kernelW !== 3 || attributes.stride !== 1) return undefined;
    if (Math.min(inputs, columns) < policy.winogradChannels.weightGradient) return undefined;
    if (tiles.tiles < policy.winogradTiles) return undefined;
    if (!fits(context.traits, winogradWeightGradientBytes(tiles.tiles, inputs, columns))) return undefined;
    const tilesPadded = ceil4(tiles.tiles);
    const rows = paddedRows(inputs);
    const a = context.scratch(pointsBytes(tilesPadded, rows));
    const b = context.scratch(pointsBytes(tilesPadded, columns));
    const { product, call } = winogradProduct(context, { a, b, terms: tilesPadded, rows, columns });
    const [originY, originX] = [-attributes.padding, -attributes.padding];
    const layout = { rows, tilesPadded, terms: tilesPadded, sumOverTiles: true, originY, originX };
    return [
      inputTransform(context, x, a, { ...tiles, ...layout }),
      outputGradientTransform(context, dy, b, { ...tiles, tilesPadded }),
      { ...call, ...weightGradientWork(problem) },
      kernelCall(context, weightGradientKernel, {
        params: { o4: columns, rows, point: pointStride(columns, rows) },
        bindings: [product, dw.buffer],
        dispatch: [ceilDivide(4 * columns, policy.workgroup), 1, blocks(x.shape[1])],
      }),
    ];
  },
};

const fits = ({ limits }: AdapterTraits, bytes: number): boolean =>
  bytes <= Math.min(limits.maxStorageBufferBindingSize, limits.maxBufferSize);

interface InputTiles extends WinogradTiles {
  readonly originY: number;
  readonly originX: number;
  readonly rows: number;
  readonly tilesPadded: number;
  readonly terms: number;
  readonly sumOverTiles: boolean;
}

function inputTransform<B>(context: KernelContext<B>, x: Tensor<B>, to: B, t: InputTiles): KernelCall<B> {
  const [, channels, height, width] = x.shape;
  const [across, down] = foldWorkgroups(
    context.traits,
    ceilDivide(4 * t.tilesPadded, context.policy.workgroup),
  );
  return kernelCall(context, inputKernel, {
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
): KernelCall<B> {
  const [outputs, inputs] = w.shape;
  const width = ceil4(outputs);
  return kernelCall(context, weightKernel, {
    params: { o4: width, tap0: 3 * tap0Y + tap0X, tap_step: tapStep, point: pointStride(inputs, width) },
    bindings: [w.buffer, to],
    dispatch: [ceilDivide(4 * width, context.policy.workgroup), 1, blocks(inputs)],
  });
}

function outputTransform<B>(
  context: KernelContext<B>,
  product: B,
  { y, bias, relu }: GatherProblem<B>,
  t: WinogradTiles & { readonly rows: number },
): KernelCall<B> {
  const [, channels, height, width] = y.shape;
  const [across, down] = foldWorkgroups(context.traits, ceilDivide(4 * t.tiles, context.policy.workgroup));
  return kernelCall(context, outputKernel, {
    constants: { RELU: Number(relu), BIAS: Number(bias !== undefined) },
    params: {
      ...{ y_blocks: blocks(channels), y_h: height, y_w: width },
      ...{ tiles_y: t.tilesY, tiles_x: t.tilesX, tiles: t.tiles },
      ...{ rows: t.rows, point: pointStride(channels, t.rows), columns: across },
    },
    // Unused bindings must be bound too: the products stand in for a bias.
    bindings: [product, bias?.buffer ?? product, y.buffer],
    dispatch: [across, down, blocks(channels)],
  });
}

function outputGradientTransform<B>(
  context: KernelContext<B>,
  dy: Tensor<B>,
  to: B,
  t: WinogradTiles & { readonly tilesPadded: number },
): KernelCall<B> {
  const [, channels, height, width] = dy.shape;
  const [across, down] = foldWorkgroups(
    context.traits,
    ceilDivide(4 * t.tilesPadded, context.policy.workgroup),
  );
  return kernelCall(context, outputGradientKernel, {
    params: {
      ...{ dy_blocks: blocks(channels), dy_h: height, dy_w: width },
      ...{ tiles_y: t.tilesY, tiles_x: t.tilesX, tiles: t.tiles, tiles_padded: t.tilesPadded },
      ...{ rows: ceil4(channels), point: pointStride(t.tilesPadded, ceil4(channels)), columns: across },
    },
    bindings: [dy.buffer, to],
    dispatch: [across, down, blocks(channels)],
  });
}

/** An additional pass; its work is counted with the product. */
function kernelCall<B>(
  { label, policy }: KernelContext<B>,
  kernel: KernelSource,
  call: Pick<KernelCall<B>, 'params' | 'bindings' | 'dispatch'> & Partial<Pick<KernelCall<B>, 'constants'>>,
): KernelCall<B> {
  const constants = { WORKGROUP: policy.workgroup, ...call.constants };
  return { ...call, kernel, label, constants, flops: 0, bytes: 0 };
}
