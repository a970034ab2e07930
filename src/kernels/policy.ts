import { InputError } from '../errors';
import type { AdapterTraits } from '../gpu/types';

/**
 * Families of convolution kernels. `subgroup`: loads by lane = pixel, products by lane = channel; for software
 * adapters with 8 lanes (lavapipe), where a load costs as much as fifty multiply-adds and a broadcast costs
 * nothing. `matrix`: vec4 x mat4x4 by lanes that share weights in fours; for software adapters with 4 lanes
 * (SwiftShader), where a product is cheap if nothing has to be kept. `workgroup`: matrix products whose
 * operands are staged in workgroup memory; every shape; for GPUs. `direct`: register tiles of vec4 x mat4x4; every
 * shape, every adapter. `winograd`: F(4x4, 3x3), for 3x3 with stride 1: a quarter of the multiply-adds,
 * three more passes over memory, and twice the rounding error.
 */
export const CONVOLUTION_FAMILIES = ['winograd', 'subgroup', 'matrix', 'workgroup', 'direct'] as const;
export type ConvolutionFamily = (typeof CONVOLUTION_FAMILIES)[number];

/**
 * How operators that stream over memory share out their work. Software adapters want a workgroup of one subgroup with
 * long runs, as starting an invocation costs more than its arithmetic; GPUs want many invocations, so runs stay short
 * until there is work for all.
 */
export interface Streaming {
  readonly workgroup: number;
  /** Longest run: vec4 that one invocation goes through. */
  readonly longestRun: number;
  /** Workgroups to reach before runs get longer: of operators that write as they go, and of sums. */
  readonly workgroups: number;
  readonly workgroupsOfSum: number;
  /** Lanes of the one workgroup that adds up the partial sums of a result. */
  readonly finalLanes: number;
}

/**
 * All that is a matter of measurement when kernels are chosen, as plain data. Any policy gives right results on any
 * adapter: a family that the adapter or the shape rules out is passed over.
 */
export interface KernelPolicy {
  /** Families in order of preference; the first that can do a shape does it, and `direct` when none can. */
  readonly gather: readonly ConvolutionFamily[];
  readonly weightGradient: readonly ConvolutionFamily[];
  /** Fewest channels, in and out, from which on `winograd` is taken; below, its transforms cost what it saves. */
  readonly winogradChannels: { readonly gather: number; readonly weightGradient: number };
  /** Fewest tiles of 4x4 pixels: its kernels are transformed for few tiles as for many. */
  readonly winogradTiles: number;
  /** Invocations in a workgroup where nothing is shared in it: one SIMD register on software adapters. */
  readonly workgroup: number;
  /** Workgroups of a gather below which the family `workgroup` takes smaller tiles. */
  readonly gatherWorkgroups: number;
  /** Workgroups that the sum of a weight gradient is split into, as far as it goes. */
  readonly weightGradientWorkgroups: number;
  readonly streaming: Streaming;
}

const SOFTWARE_STREAMING: Streaming = {
  workgroup: 8,
  longestRun: 256,
  workgroups: 32,
  workgroupsOfSum: 32,
  finalLanes: 8,
};

/** Software with subgroups of 8, as lavapipe on AVX: broadcasts are free there. */
const EIGHT_LANES: KernelPolicy = {
  gather: ['subgroup', 'direct'],
  weightGradient: ['subgroup', 'direct'],
  winogradChannels: { gather: 64, weightGradient: 64 },
  winogradTiles: 32,
  workgroup: 4,
  gatherWorkgroups: 1,
  weightGradientWorkgroups: 64,
  streaming: SOFTWARE_STREAMING,
};

/** Other software: SwiftShader, whose SIMD registers hold 4. */
const SOFTWARE: KernelPolicy = {
  ...EIGHT_LANES,
  gather: ['winograd', 'matrix', 'direct'],
  weightGradient: ['winograd', 'matrix', 'direct'],
};

/** Reasoned, not measured: groups of two to a few subgroups, and enough of them to fill a large GPU. */
const GPU: KernelPolicy = {
  gather: ['workgroup'],
  weightGradient: ['workgroup'],
  winogradChannels: { gather: 64, weightGradient: 64 },
  winogradTiles: 32,
  workgroup: 64,
  gatherWorkgroups: 128,
  weightGradientWorkgroups: 256,
  streaming: { workgroup: 64, longestRun: 64, workgroups: 2048, workgroupsOfSum: 256, finalLanes: 256 },
};

/** The policy that ships for adapters of this kind, told apart by how they compute and not by their names. */
export function policyFor(adapter: AdapterTraits): KernelPolicy {
  if (typeof adapter !== 'object' || adapter === null)
    throw new InputError('policyFor takes the adapter of an enhancer or of an opened device.');
  const { isSoftware, subgroupSize } = adapter;
  if (!isSoftware) return GPU;
  if (subgroupSize === 8) return EIGHT_LANES;
  const lanes = subgroupSize || SOFTWARE_STREAMING.workgroup;
  return { ...SOFTWARE, streaming: { ...SOFTWARE_STREAMING, workgroup: lanes, finalLanes: lanes } };
}

/**
 * The policy without Winograd's method: its rounding depends on where in the picture a pixel lies, so that a part of a
 * picture would not have the bits of the whole; and it keeps f32 between its passes, whatever the tensors are stored as.
 */
export function withoutWinograd(policy: KernelPolicy): KernelPolicy {
  return { ...policy, gather: policy.gather.filter((family) => family !== 'winograd') };
}
