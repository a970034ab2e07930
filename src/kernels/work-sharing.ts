import type { Choosing } from './context';
import { ceilDivide } from './dispatch';

/** How an operator that streams over memory distributes its work. README.md in this folder defines the terms. */
export interface Strips {
  readonly workgroup: number;
  /** Length in vec4 of a workgroup's strip, which its lanes process side by side. */
  readonly strip: number;
  readonly strips: number;
}

/** Distributes `length` vec4 for each of `copies` planes, all in the same way. */
export function stripsOf({ policy }: Choosing, length: number, copies = 1): Strips {
  const { workgroup, longestRun, workgroups } = policy.streaming;
  return evenStrips(length, copies, workgroup, longestRun, workgroups);
}

function evenStrips(
  length: number,
  copies: number,
  workgroup: number,
  longestRun: number,
  workgroups: number,
): Strips {
  const run = Math.min(longestRun, Math.max(1, Math.floor((length * copies) / (workgroup * workgroups))));
  const strips = ceilDivide(length, workgroup * run);
  // As even as whole lanes allow, so that the last strip is not a small remnant.
  const strip = workgroup * ceilDivide(length, workgroup * strips);
  return { workgroup, strip, strips: ceilDivide(length, strip) };
}

export interface Splits extends Strips {
  /** Partial sums of one result: one per invocation. */
  readonly partials: number;
  /** Workgroups that compute the partial sums of all results. */
  readonly workgroups: number;
  /** The parameters that the shaders of split sums share. */
  readonly params: Readonly<Record<string, number>>;
}

/**
 * Distributes a sum of [outer][kept][inner] vec4 over outer and inner. A workgroup takes a strip of a plane or, if
 * they are small, several whole planes of one result.
 */
export function splitsOf({ policy }: Choosing, outer: number, kept: number, inner: number): Splits {
  const { workgroup, longestRun, workgroupsOfSum } = policy.streaming;
  const { strip, strips } = evenStrips(inner, outer * kept, workgroup, longestRun, workgroupsOfSum);
  const run = strip / workgroup;
  const fill = Math.floor((outer * kept * strips) / workgroupsOfSum);
  const planes = Math.min(outer, Math.max(1, Math.min(Math.floor(longestRun / run), fill)));
  const planeSplits = ceilDivide(outer, planes);
  const partials = planeSplits * strips * workgroup;
  const params = { outer, blocks: kept, inner, strip, strips, planes, plane_splits: planeSplits, partials };
  return { workgroup, strip, strips, partials, workgroups: kept * planeSplits * strips, params };
}

/** Lanes that add partial sums, within the device's limit. */
export const finalLanes = ({ policy, traits }: Choosing): number =>
  Math.min(policy.streaming.finalLanes, traits.limits.maxComputeInvocationsPerWorkgroup);

interface RowTile {
  /** Lanes along a row, and rows side by side in one workgroup. */
  readonly lanesX: number;
  readonly lanesY: number;
  /** Rows that an invocation processes in sequence. */
  readonly rows: number;
}

/** Distributes `rows` rows of `width` vec4 for kernels that need their position in the image. */
export function rowTileOf({ policy }: Choosing, rows: number, width: number): RowTile {
  const { workgroup, longestRun, workgroups } = policy.streaming;
  let lanesX = 1;
  while (lanesX < width && lanesX < workgroup) lanesX *= 2;
  const lanesY = workgroup / lanesX;
  const fill = Math.floor(rows / (lanesY * workgroups));
  return { lanesX, lanesY, rows: Math.max(1, Math.min(fill, Math.floor((longestRun * lanesX) / width))) };
}
