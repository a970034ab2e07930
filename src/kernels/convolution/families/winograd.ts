import tilesCode from '../../../../shaders/winograd_tiles.wgsl?raw';
import weightCode from '../../../../shaders/winograd_weight.wgsl?raw';
import type { KernelCall, KernelSource } from '../../../gpu/kernel-call';
import type { AdapterTraits } from '../../../gpu/types';
import type { KernelContext } from '../../context';
import { ceilDivide, foldWorkgroups } from '../../dispatch';
import { blocks, ceil4, type Tensor } from '../../tensor';
import { gatherWork, weightGradientWork } from '../problem';
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

const inputKernel: KernelSource = { name: 'winograd_input', code: tilesCode, entryPoint: 'input' };
const outputKernel: KernelSource = { name: 'winograd_output', code: tilesCode, entryPoint: 'output' };
const outputGradientKernel: KernelSource = {
  name: 'winograd_output_gradient',
  code: tilesCode,
  entryPoint: 'output_gradient',
};
const weightKernel: KernelSource = { name: 'winograd_weight', code: weightCode, entryPoint: 'forward' };
const weightGradientKernel: KernelSource = {
  name: 'winograd_weight_gradient',
  code: weightCode,
  entryPoint: 'backward',
};

/**
 * F(4x4, 3x3), for 3x3 kernels with stride 1: transforms tiles of the input and kernels, computes 36 matrix products,
 * and transforms tiles of the output back. Lavin and Gray, "Fast algorithms for convolutional neural networks", CVPR
 * 2016; docs/derivations.md.
 */
export const winograd: Family = {
  gather(context, problem) {
    const { x, w, y, bias, relu, gather: g } = problem;
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
    return [
      tilesCall(context, inputKernel, {
        constants: { SUM_OVER_TILES: 0 },
        ...{ pixels: x, origin: [g.originY, g.originX], tiles, tilesPadded: rows, matrix: [terms, rows] },
        bindings: [x.buffer, a],
      }),
      weightCall(context, weightKernel, {
        ...{ inputs: terms, o4: columns, tap0: 3 * g.tap0Y + g.tap0X, tapStep: g.tapStep },
        ...{ matrix: [terms, columns], bindings: [w.buffer, b] },
      }),
      // The work of all passes, counted once.
      { ...call, ...gatherWork(problem) },
      tilesCall(context, outputKernel, {
        constants: { RELU: Number(relu), BIAS: Number(bias !== undefined) },
        ...{ pixels: y, tiles, tilesPadded: tiles.tiles, matrix: [outputs, rows] },
        // Unused bindings must be bound too: the products stand in for a bias.
        bindings: [product, bias?.buffer ?? product, y.buffer],
      }),
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
    return [
      tilesCall(context, inputKernel, {
        constants: { SUM_OVER_TILES: 1 },
        ...{ pixels: x, origin: [-attributes.padding, -attributes.padding] },
        ...{ tiles, tilesPadded, matrix: [tilesPadded, rows], bindings: [x.buffer, a] },
      }),
      tilesCall(context, outputGradientKernel, {
        ...{ pixels: dy, tiles, tilesPadded, matrix: [tilesPadded, columns], bindings: [dy.buffer, b] },
      }),
      { ...call, ...weightGradientWork(problem) },
      weightCall(context, weightGradientKernel, {
        ...{ inputs: x.shape[1], o4: columns, tap0: 0, tapStep: 1 },
        ...{ matrix: [columns, rows], bindings: [product, dw.buffer] },
      }),
    ];
  },
};

const fits = ({ limits }: AdapterTraits, bytes: number): boolean =>
  bytes <= Math.min(limits.maxStorageBufferBindingSize, limits.maxBufferSize);

interface TilesPass<B> {
  readonly constants?: Readonly<Record<string, number>>;
  /** The image that is cut into tiles or put together from them, and the first pixel of the first tile; default 0. */
  readonly pixels: Tensor<B>;
  readonly origin?: readonly [y: number, x: number];
  readonly tiles: WinogradTiles;
  /** Tiles computed; those beyond the image's are zero. */
  readonly tilesPadded: number;
  /** Each of the 36 matrices is [ceil(terms / 4)][rows] vec4. */
  readonly matrix: readonly [terms: number, rows: number];
  readonly bindings: readonly B[];
}

/** A pass of `winograd_tiles.wgsl`; its work is counted with the product. */
function tilesCall<B>(
  { label, traits, policy }: KernelContext<B>,
  kernel: KernelSource,
  { constants, pixels, origin = [0, 0], tiles, tilesPadded, matrix, bindings }: TilesPass<B>,
): KernelCall<B> {
  const [, channels, height, width] = pixels.shape;
  const [across, down] = foldWorkgroups(traits, ceilDivide(4 * tilesPadded, policy.workgroup));
  return {
    kernel,
    label,
    constants: { WORKGROUP: policy.workgroup, ...constants },
    params: {
      ...{ blocks: blocks(channels), h: height, w: width, origin_y: origin[0], origin_x: origin[1] },
      ...{ tiles_y: tiles.tilesY, tiles_x: tiles.tilesX, tiles: tiles.tiles, tiles_padded: tilesPadded },
      ...{ rows: matrix[1], point: pointStride(...matrix), columns: across },
    },
    bindings,
    dispatch: [across, down, blocks(channels)],
    flops: 0,
    bytes: 0,
  };
}

interface WeightPass<B> extends Pick<TilesPass<B>, 'matrix' | 'bindings'> {
  /** Channels. */
  readonly inputs: number;
  /** Output channels, rounded up to a multiple of 4. */
  readonly o4: number;
  readonly tap0: number;
  readonly tapStep: number;
}

/** A pass of `winograd_weight.wgsl`; its work is counted with the product. */
function weightCall<B>(
  { label, policy }: KernelContext<B>,
  kernel: KernelSource,
  { inputs, o4, tap0, tapStep, matrix, bindings }: WeightPass<B>,
): KernelCall<B> {
  return {
    kernel,
    label,
    constants: { WORKGROUP: policy.workgroup },
    params: { o4, tap0, tap_step: tapStep, rows: matrix[1], point: pointStride(...matrix) },
    bindings,
    dispatch: [ceilDivide(4 * o4, policy.workgroup), 1, blocks(inputs)],
    flops: 0,
    bytes: 0,
  };
}
