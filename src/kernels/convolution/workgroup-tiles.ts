import { blocks } from '../tensor';
import type { Gather } from './lattice';

/**
 * The tile of a workgroup of `conv2d_workgroup.wgsl`: pixelLanes * pixels outputs in 4 * channelLanes * blocks
 * channels. All tiles give the same bits.
 */
export interface GatherTile {
  /** Invocations side by side over pixels. */
  readonly pixelLanes: number;
  /** Invocations over channels. */
  readonly channelLanes: number;
  /** Outputs per invocation in registers: 2 or 4 pixels, stacked vertically, in 1 or 2 blocks of 4 channels. */
  readonly pixels: 2 | 4;
  readonly blocks: 1 | 2;
  /** Width of the patch of pixels; divides pixelLanes. */
  readonly patchWidth: number;
  /** The most blocks of input channels staged at once. */
  readonly depth: number;
}

/**
 * Ordered by reads per product, lowest first. The last two are for layers with few output channels.
 * docs/performance.md has the arithmetic behind them. Each takes at most 14 KiB of workgroup memory, of the 16 that
 * WebGPU guarantees, and at most 256 invocations.
 */
export const GATHER_TILES = [
  { pixelLanes: 32, channelLanes: 8, pixels: 4, blocks: 2, patchWidth: 16, depth: 2 },
  { pixelLanes: 32, channelLanes: 4, pixels: 4, blocks: 2, patchWidth: 16, depth: 2 },
  { pixelLanes: 32, channelLanes: 2, pixels: 4, blocks: 2, patchWidth: 16, depth: 2 },
  { pixelLanes: 8, channelLanes: 8, pixels: 2, blocks: 1, patchWidth: 8, depth: 4 },
  { pixelLanes: 16, channelLanes: 4, pixels: 2, blocks: 1, patchWidth: 8, depth: 4 },
  { pixelLanes: 64, channelLanes: 1, pixels: 4, blocks: 2, patchWidth: 16, depth: 4 },
  { pixelLanes: 64, channelLanes: 1, pixels: 4, blocks: 1, patchWidth: 16, depth: 4 },
] as const satisfies readonly GatherTile[];

/**
 * Rows of the kernel whose products share loaded rows of x. This determines the order of the sum, and so depends on
 * the kernel alone.
 */
export function tapsTogether({ inStride, tapsY }: Pick<Gather, 'inStride' | 'tapsY'>): 1 | 2 | 3 {
  if (inStride > 1) return 1;
  return tapsY % 3 === 0 ? 3 : tapsY % 2 === 0 ? 2 : 1;
}

/** As declared in the shader. */
export function gatherTileBytes(
  { pixelLanes, channelLanes, pixels, blocks, depth }: GatherTile,
  taps: 1 | 2 | 3,
): number {
  const xPitch = (pixels + taps - 1) | 1;
  const staged = channelLanes > 1 ? depth * pixelLanes : 0;
  const columns = Math.max(staged, Math.floor((pixelLanes * channelLanes) / xPitch) + 1);
  return 16 * (columns * xPitch + depth * channelLanes * (4 * taps * blocks + 1));
}

/** Outputs of a convolution besides its lattice. */
export interface GatherSize {
  readonly images: number;
  /** Channels. */
  readonly outputs: number;
  /** Phases computed together. Default: 1. */
  readonly phases?: number;
}

/** Workgroups in x, y, z. */
export function tileDispatch(
  tile: GatherTile,
  { qH, qW }: Pick<Gather, 'qH' | 'qW'>,
  { images, outputs, phases = 1 }: GatherSize,
): readonly [number, number, number] {
  const patchHeight = (tile.pixelLanes * tile.pixels) / tile.patchWidth;
  const channelTiles = Math.ceil(blocks(outputs) / (tile.channelLanes * tile.blocks));
  return [Math.ceil(qW / tile.patchWidth), Math.ceil(qH / patchHeight), images * phases * channelTiles];
}

/**
 * The first tile no wider than the output channels (rounded up to a power of two) that yields `wanted` workgroups; if
 * none does, the smallest.
 *
 * @param mostLanes of a workgroup on the device: 128 if WebGPU has compatibility mode only.
 */
export function gatherTile(
  gather: Pick<Gather, 'qH' | 'qW'>,
  size: GatherSize,
  wanted: number,
  mostLanes: number,
): GatherTile {
  const widest = powerOfTwo(blocks(size.outputs));
  const fitting = GATHER_TILES.filter(
    (tile) => tile.channelLanes * tile.blocks <= widest && tile.pixelLanes * tile.channelLanes <= mostLanes,
  );
  const workgroups = (tile: GatherTile) => tileDispatch(tile, gather, size).reduce((a, b) => a * b);
  const smallest = fitting.reduce((best, tile) => (area(tile) < area(best) ? tile : best));
  return fitting.find((tile) => workgroups(tile) >= wanted) ?? smallest;
}

const area = (tile: GatherTile): number => tile.pixelLanes * tile.pixels * tile.channelLanes * tile.blocks;

/** The tile of a workgroup of `conv2d_weight_gradient_workgroup.wgsl`, and how its lanes share it. */
interface WeightGradientTile {
  /** Invocations over blocks of input channels, over blocks of output channels, and over pixels. */
  readonly xLanes: number;
  readonly dyLanes: number;
  readonly pixelLanes: number;
  /** Pixels of a row staged at once. */
  readonly span: number;
  /** Columns of the kernel that one invocation keeps in registers. */
  readonly taps: number;
}

/** Desired invocations per workgroup: two subgroups of 32, or one of 64. */
const WEIGHT_GRADIENT_LANES = 64;
/** Columns of a kernel whose sums fit into the registers of one invocation: 64 numbers. */
const MOST_TAPS = 4;
/** Blocks of channels along one side. */
const MOST_CHANNEL_LANES = 8;
/** Bytes guaranteed by WebGPU. */
const WORKGROUP_MEMORY = 16384;

/** Sizes that decide the tile of a weight gradient. */
interface WeightGradientSize {
  readonly kernelW: number;
  readonly stride: number;
  readonly xBlocks: number;
  readonly dyBlocks: number;
  readonly dyW: number;
}

/** Assigns lanes to channels as far as there are any, the rest to pixels; the span fits row and memory. */
export function weightGradientTile({
  kernelW,
  stride,
  xBlocks,
  dyBlocks,
  dyW,
}: WeightGradientSize): WeightGradientTile {
  const xLanes = Math.min(MOST_CHANNEL_LANES, powerOfTwo(xBlocks));
  const dyLanes = Math.min(MOST_CHANNEL_LANES, powerOfTwo(dyBlocks));
  const pixelLanes = WEIGHT_GRADIENT_LANES / (xLanes * dyLanes);
  const taps = Math.ceil(kernelW / Math.ceil(kernelW / MOST_TAPS));
  const tile = { xLanes, dyLanes, pixelLanes, taps };
  let span = Math.max(pixelLanes, Math.min(powerOfTwo(dyW), 128));
  while (span > pixelLanes && workgroupBytes({ ...tile, span }, stride) > WORKGROUP_MEMORY) span /= 2;
  return { ...tile, span };
}

/** As declared in the shader: x and dy with odd pitches, and the sums of the lanes. */
function workgroupBytes({ xLanes, dyLanes, pixelLanes, span, taps }: WeightGradientTile, stride: number) {
  const xPitch = ((span - 1) * stride + taps) | 1;
  return 16 * (xLanes * xPitch + dyLanes * (span + 1) + xLanes * dyLanes * pixelLanes);
}

const powerOfTwo = (atLeast: number): number => 2 ** Math.ceil(Math.log2(atLeast));
