import type { AdapterTraits } from '../gpu/types';
import type { Choosing } from './context';
import type { Gather, WeightGradientGeometry } from './convolution/lattice';
import {
  winogradGatherBytes,
  winogradTiles,
  winogradWeightGradientBytes,
} from './convolution/winograd-tiles';
import {
  type GatherTile,
  gatherTile,
  type WeightGradientTile,
  weightGradientTile,
} from './convolution/workgroup-tiles';
import type { ConvolutionFamily } from './policy';

/**
 * The one place that decides which variant of a convolution an adapter and a shape get: the first family of the
 * policy that can do it. A decision is plain data, and the dispatch is computed from that same decision.
 */
export type ConvolutionChoice =
  | WinogradChoice
  | SubgroupChoice
  /** `pixels`: those of a row that one lane makes. */
  | (MatrixChoice & { readonly pixels: 4 | 8 | 16 })
  | WorkgroupChoice<GatherTile>
  | DirectChoice;

export interface WinogradChoice {
  readonly family: 'winograd';
  /** Kernel of the batched matrix product: for 8 lanes, for quads of lanes, and for all others. */
  readonly product: 'subgroup' | 'quad' | 'matrix';
  readonly workgroup: number;
}

export interface SubgroupChoice {
  readonly family: 'subgroup';
  readonly taps: 2 | 3;
}

export interface MatrixChoice {
  readonly family: 'matrix';
  /** Kernel positions of a row that share what is loaded. */
  readonly taps: 1 | 2 | 3;
}

export interface WorkgroupChoice<Tile> {
  readonly family: 'workgroup';
  readonly tile: Tile;
}

export interface DirectChoice {
  readonly family: 'direct';
  readonly workgroup: number;
}

/** Images and channels that a convolution takes and gives. */
export interface ConvolutionSize {
  readonly images: number;
  readonly inputs: number;
  readonly outputs: number;
}

/** Families that add up products over rows of the output, and so can share out the rows. */
type RowSumChoice = MatrixChoice | WorkgroupChoice<WeightGradientTile> | DirectChoice;

/** What one subgroup makes: blocks of 4 input channels and strips of 8 output channels. */
interface SubgroupTile {
  readonly inputBlocks: 1 | 2;
  readonly outputStrips: 1 | 2;
}

export type WeightGradientChoice =
  | WinogradChoice
  /** Parts into which the sum over strips of 8 columns, or over output rows, is split, and how many are in each. */
  | (SubgroupChoice & SubgroupTile & { readonly splits: number; readonly stripsPerSplit: number })
  | (RowSumChoice & { readonly splits: number; readonly rowsPerSplit: number });

export function chooseConvolution(
  choosing: Choosing,
  gather: Gather,
  size: ConvolutionSize,
): ConvolutionChoice {
  const { tapsY, tapsX, inStride } = gather;
  return firstOf<ConvolutionChoice>(choosing.policy.gather, direct(choosing), (family) => {
    switch (family) {
      case 'winograd':
        return winogradForGather(choosing, gather, size);
      case 'subgroup':
        return tapsY === tapsX ? subgroup(choosing, tapsY / inStride) : undefined;
      case 'matrix':
        return matrixForGather(choosing, gather);
      case 'workgroup':
        return { family, tile: gatherTile(gather, size, choosing.policy.gatherWorkgroups) };
      case 'direct':
        return direct(choosing);
    }
  });
}

export function chooseWeightGradient(
  choosing: Choosing,
  geometry: WeightGradientGeometry,
): WeightGradientChoice {
  const { kernelH, kernelW, stride } = geometry;
  return firstOf<WeightGradientChoice>(
    choosing.policy.weightGradient,
    withSplits(choosing, geometry, direct(choosing)),
    (family) => {
      switch (family) {
        case 'winograd':
          return winogradForWeightGradient(choosing, geometry);
        case 'subgroup': {
          const choice = kernelH === kernelW ? subgroup(choosing, kernelH / stride) : undefined;
          return choice && withStrips(choosing, geometry, choice);
        }
        case 'matrix': {
          const choice = matrix(choosing, kernelW / stride);
          return choice && withSplits(choosing, geometry, choice);
        }
        case 'workgroup':
          return withSplits(choosing, geometry, { family, tile: weightGradientTile(geometry) });
        case 'direct':
          return withSplits(choosing, geometry, direct(choosing));
      }
    },
  );
}

/** Splits `parts`, when one copy of the weights takes so many workgroups. */
function split({ policy }: Choosing, parts: number, workgroups: number) {
  // Enough workgroups to fill the adapter, and no more: each split writes one copy of the weights.
  const wanted = Math.max(1, Math.ceil(policy.weightGradientWorkgroups / workgroups));
  const perSplit = Math.ceil(parts / Math.min(parts, wanted));
  return { perSplit, splits: Math.ceil(parts / perSplit) };
}

function withSplits(
  choosing: Choosing,
  geometry: WeightGradientGeometry,
  choice: RowSumChoice,
): WeightGradientChoice {
  const rows = geometry.images * geometry.dyH;
  const { splits, perSplit } = split(choosing, rows, workgroupsOf(geometry, choice));
  return { ...choice, splits, rowsPerSplit: perSplit };
}

/** Workgroups that a family needs for one copy of the weights. */
function workgroupsOf(
  { kernelH, kernelW, xBlocks, dyBlocks }: WeightGradientGeometry,
  choice: RowSumChoice,
): number {
  const pairs = Math.ceil(dyBlocks / 2);
  switch (choice.family) {
    case 'matrix':
      return (
        Math.ceil((xBlocks * kernelH * kernelW) / choice.taps / 4) *
        Math.ceil(dyBlocks / matrixGradientBlocks(choice, dyBlocks))
      );
    case 'workgroup': {
      const { xLanes, dyLanes, taps } = choice.tile;
      const channels = Math.ceil(xBlocks / xLanes) * Math.ceil(dyBlocks / dyLanes);
      return channels * kernelH * Math.ceil(kernelW / taps);
    }
    case 'direct':
      return Math.ceil((Math.ceil(xBlocks / 2) * kernelH * kernelW) / choice.workgroup) * pairs;
  }
}

/** Tiles of 64 to 72 sums per lane where the channels allow it: more, and the loop outgrows the instruction cache. */
function withStrips(
  choosing: Choosing,
  { stride, xBlocks, dyBlocks, images, dyW }: WeightGradientGeometry,
  choice: SubgroupChoice,
): WeightGradientChoice {
  const outputStrips = dyBlocks > 2 ? 2 : 1;
  const inputBlocks = xBlocks > 1 && (choice.taps === 2 || outputStrips === 1) ? 2 : 1;
  const workgroups =
    Math.ceil(xBlocks / inputBlocks) * Math.ceil(dyBlocks / (2 * outputStrips)) * stride * stride;
  const { splits, perSplit } = split(choosing, images * Math.ceil(dyW / 8), workgroups);
  return { ...choice, inputBlocks, outputStrips, splits, stripsPerSplit: perSplit };
}

/** What `choose` makes of the first family that can, or what every shape and adapter can. */
function firstOf<C>(
  families: readonly ConvolutionFamily[],
  fallback: C,
  choose: (family: ConvolutionFamily) => C | undefined,
): C {
  for (const family of families) {
    const choice = choose(family);
    if (choice) return choice;
  }
  return fallback;
}

const direct = ({ policy }: Choosing): DirectChoice => ({
  family: 'direct',
  workgroup: policy.workgroup,
});

/** Kernels of 2 x 2 or 3 x 3 taps, on adapters with subgroups of 8 lanes. */
function subgroup({ traits }: Choosing, taps: number): SubgroupChoice | undefined {
  if (traits.subgroupSize !== 8) return undefined;
  return taps === 2 || taps === 3 ? { family: 'subgroup', taps } : undefined;
}

/** Any kernel, on adapters whose subgroups hold quads of lanes. */
function matrix({ traits }: Choosing, taps: number): MatrixChoice | undefined {
  if (traits.subgroupSize < 4) return undefined;
  return { family: 'matrix', taps: taps === 2 || taps === 3 ? taps : 1 };
}

/** Blocks of output channels per lane in a weight gradient: more where fewer taps share what is loaded. */
export const matrixGradientBlocks = ({ taps }: MatrixChoice, dyBlocks: number): 1 | 2 | 4 => {
  if (taps < 3 && dyBlocks > 2) return 4;
  return dyBlocks === 1 ? 1 : 2;
};

function matrixForGather(choosing: Choosing, { qW, tapsX, inStride }: Gather): ConvolutionChoice | undefined {
  const choice = matrix(choosing, tapsX / inStride);
  // What a lane costs: its pixels, and weights and halo that longer rows share out better.
  const cost = (pixels: number) => Math.ceil(qW / pixels) * (pixels + 4);
  const pixels = ([16, 8, 4] as const).reduce((best, next) => (cost(next) < cost(best) ? next : best));
  return choice && { ...choice, pixels };
}

/** 3x3 kernels read forwards or backwards, with strides of 1. */
function winogradForGather(
  choosing: Choosing,
  { qH, qW, tapsY, tapsX, tapStep, inStride, outStride }: Gather,
  { images, inputs, outputs }: ConvolutionSize,
): WinogradChoice | undefined {
  if (tapsY !== 3 || tapsX !== 3 || Math.abs(tapStep) !== 1 || inStride !== 1 || outStride !== 1)
    return undefined;
  if (Math.min(inputs, outputs) < choosing.policy.winogradChannels.gather) return undefined;
  const { tiles } = winogradTiles(images, qH, qW);
  return winograd(choosing, tiles, winogradGatherBytes(tiles, inputs, outputs));
}

function winogradForWeightGradient(
  choosing: Choosing,
  { kernelH, kernelW, stride, xBlocks, dyBlocks, images, dyH, dyW }: WeightGradientGeometry,
): WinogradChoice | undefined {
  if (kernelH !== 3 || kernelW !== 3 || stride !== 1) return undefined;
  const [inputs, outputs] = [4 * xBlocks, 4 * dyBlocks];
  if (Math.min(inputs, outputs) < choosing.policy.winogradChannels.weightGradient) return undefined;
  const { tiles } = winogradTiles(images, dyH, dyW);
  return winograd(choosing, tiles, winogradWeightGradientBytes(tiles, inputs, outputs));
}

function winograd({ traits, policy }: Choosing, tiles: number, bytes: number): WinogradChoice | undefined {
  if (tiles < policy.winogradTiles) return undefined;
  const { maxStorageBufferBindingSize, maxBufferSize } = traits.limits;
  if (bytes > Math.min(maxStorageBufferBindingSize, maxBufferSize)) return undefined;
  return { family: 'winograd', product: productOf(traits), workgroup: policy.workgroup };
}

function productOf({ isSoftware, subgroupSize }: AdapterTraits): WinogradChoice['product'] {
  if (subgroupSize === 8) return 'subgroup';
  return isSoftware && subgroupSize >= 4 ? 'quad' : 'matrix';
}
