import type { AdapterTraits } from '../gpu/types';
import type { Gather, WeightGradientGeometry } from './convolution/lattice';

/**
 * The one place that decides which variant of a convolution an adapter and a shape get. A decision is plain
 * data, and the dispatch is computed from that same decision.
 *
 * `subgroup`: loads by lane = pixel, products by lane = channel; for software adapters with 8 lanes (lavapipe),
 * where a load costs as much as fifty multiply-adds and a broadcast costs nothing.
 * `direct`: register tiles of vec4 x mat4x4; everywhere else, and for every shape.
 */
export type ConvolutionChoice =
  | { readonly family: 'subgroup'; readonly taps: 2 | 3 }
  | { readonly family: 'direct'; readonly workgroup: number };

export type WeightGradientChoice = ConvolutionChoice & {
  /** Parts into which the sum over output rows is split, and rows in each. */
  readonly splits: number;
  readonly rowsPerSplit: number;
};

/** Invocations in a workgroup where nothing is shared in it: one SIMD register on software adapters. */
export const workgroupSize = (traits: AdapterTraits): number => (traits.isSoftware ? 4 : 64);

const broadcastIsFree = (traits: AdapterTraits): boolean => traits.isSoftware && traits.subgroupSize === 8;

export function chooseConvolution(traits: AdapterTraits, gather: Gather): ConvolutionChoice {
  const taps = gather.tapsY / gather.inStride;
  if (broadcastIsFree(traits) && gather.tapsY === gather.tapsX && (taps === 2 || taps === 3)) {
    return { family: 'subgroup', taps };
  }
  return { family: 'direct', workgroup: workgroupSize(traits) };
}

export function chooseWeightGradient(
  traits: AdapterTraits,
  geometry: WeightGradientGeometry,
): WeightGradientChoice {
  const { kernelH, kernelW, stride, xBlocks, dyBlocks, rows } = geometry;
  const taps = kernelH / stride;
  const useSubgroup = broadcastIsFree(traits) && kernelH === kernelW && (taps === 2 || taps === 3);
  // Enough workgroups to fill the adapter, and no more: each split writes one copy of the weights.
  const parts = useSubgroup
    ? xBlocks * Math.ceil(dyBlocks / 2) * stride * stride
    : Math.ceil((Math.ceil(xBlocks / 2) * kernelH * kernelW) / workgroupSize(traits)) *
      Math.ceil(dyBlocks / 2);
  const wanted = traits.isSoftware ? 64 : 256;
  const rowsPerSplit = Math.ceil(rows / Math.min(rows, Math.max(1, Math.ceil(wanted / parts))));
  const split = { rowsPerSplit, splits: Math.ceil(rows / rowsPerSplit) };
  return useSubgroup
    ? { family: 'subgroup', taps, ...split }
    : { family: 'direct', workgroup: workgroupSize(traits), ...split };
}
