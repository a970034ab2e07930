import { InputError } from '../errors';
import type { Precision } from '../gpu/kernel-call';
import type { AdapterTraits } from '../gpu/types';

/**
 * Families of convolution kernels. `subgroup`: loads by lane = pixel, products by lane = channel; for software
 * adapters with 8 lanes (lavapipe), where a load costs as much as fifty multiply-adds and a broadcast costs
 * nothing. `matrix`: products of vec4 and mat4x4 by quads of lanes that share the weights; for software adapters with
 * 4 lanes (SwiftShader), where a product is cheap if its terms need not be stored. `workgroup`: matrix products
 * whose operands are staged in workgroup memory; every shape; for GPUs. `direct`: register tiles of vec4 x mat4x4; every
 * shape, every adapter. `winograd`: F(4x4, 3x3), for 3x3 with stride 1: a quarter of the multiply-adds,
 * three more passes over memory, and twice the rounding error.
 */
export const CONVOLUTION_FAMILIES = ['winograd', 'subgroup', 'matrix', 'workgroup', 'direct'] as const;
export type ConvolutionFamily = (typeof CONVOLUTION_FAMILIES)[number];

/**
 * How operators that stream over memory distribute their work. Software adapters want workgroups of one subgroup with
 * long runs, because starting an invocation costs more than its arithmetic. GPUs want many invocations, so runs stay
 * short until all are busy.
 */
interface Streaming {
  readonly workgroup: number;
  /** Longest run: vec4 that one invocation processes. */
  readonly longestRun: number;
  /** Workgroups to reach before runs get longer, for operators that write directly and for sums. */
  readonly workgroups: number;
  readonly workgroupsOfSum: number;
  /** Lanes of the single workgroup that adds the partial sums of a result. */
  readonly finalLanes: number;
}

/**
 * Every choice of kernels that depends on measurements, as plain data. Any policy gives correct results on any
 * adapter: families ruled out by adapter or shape are skipped.
 */
export interface KernelPolicy {
  /** Families in order of preference. The first that supports a shape is used, `direct` if none does. */
  readonly gather: readonly ConvolutionFamily[];
  readonly weightGradient: readonly ConvolutionFamily[];
  /** Fewest channels, in and out, for `winograd`; with fewer, its transforms cost what it saves. */
  readonly winogradChannels: { readonly gather: number; readonly weightGradient: number };
  /** Fewest tiles of 4x4 pixels for it: transforming its kernels costs the same for few tiles as for many. */
  readonly winogradTiles: number;
  /** Invocations per workgroup in kernels that share nothing: one SIMD register on software adapters. */
  readonly workgroup: number;
  /** With fewer workgroups in a gather, the family `workgroup` uses smaller tiles. */
  readonly gatherWorkgroups: number;
  /** Workgroups to split the sum of a weight gradient into, if possible. */
  readonly weightGradientWorkgroups: number;
  /** Pixels of a row per lane in `matrix`; by default what is fastest for a layer, at the price of more pipelines. */
  readonly matrixPixels?: 4 | 8 | 16;
  readonly streaming: Streaming;
}

const SOFTWARE_STREAMING: Streaming = {
  workgroup: 8,
  longestRun: 256,
  workgroups: 32,
  workgroupsOfSum: 32,
  finalLanes: 8,
};

/** Software adapters with subgroups of 8, such as lavapipe on AVX: broadcasts are free there. */
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

/** Other software adapters: SwiftShader, whose SIMD registers have 4 lanes. */
const SOFTWARE: KernelPolicy = {
  ...EIGHT_LANES,
  gather: ['winograd', 'matrix', 'direct'],
  weightGradient: ['winograd', 'matrix', 'direct'],
};

/** Derived, not measured: workgroups of two to a few subgroups, and enough of them to fill a large GPU. */
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

/** The built-in policy for adapters of this kind, distinguished by how they compute, not by name. */
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
 * The policy for tensors of a precision. Winograd's method keeps f32 between its passes, however tensors are stored.
 * Only the family `workgroup` multiplies in f16; it supports every shape.
 */
export function forPrecision(policy: KernelPolicy, precision: Precision): KernelPolicy {
  if (precision === 'f32') return policy;
  return precision === 'f16' ? withoutWinograd(policy) : { ...policy, gather: ['workgroup'] };
}

/**
 * The policy without Winograd's method, whose rounding depends on a pixel's position in the picture, so that parts
 * would not be bit-identical to the whole.
 */
export function withoutWinograd(policy: KernelPolicy): KernelPolicy {
  return { ...policy, gather: policy.gather.filter((family) => family !== 'winograd') };
}

/**
 * The policy for small programs that run once per photo, such as an encoder of the whole picture: on software adapters
 * Winograd's method and long runs of pixels take longer to compile than they save.
 */
export function quickToCompile(policy: KernelPolicy): KernelPolicy {
  return { ...withoutWinograd(policy), matrixPixels: 4 };
}
