import type { Choosing } from './context';
import { ceilDivide } from './dispatch';

/** How an operator that streams over memory shares out its work; the words are those of README.md in this folder. */
export interface Strips {
  readonly workgroup: number;
  /** Length in vec4 of what one workgroup takes; its lanes go through it side by side. */
  readonly strip: number;
  readonly strips: number;
}

/** Shares out `length` vec4, of which there are `copies` (planes) to be shared out in the same way. */
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
  // As even as whole lanes allow: the last strip is not left with a remnant.
  const strip = workgroup * ceilDivide(length, workgroup * strips);
  return { workgroup, strip, strips: ceilDivide(length, strip) };
}

export interface Splits extends Strips {
  /** Planes of one result that a workgroup goes through, one after the other. */
  readonly planes: number;
  readonly planeSplits: number;
  /** Partial sums of one result: one per invocation. */
  readonly partials: number;
}

/**
 * Shares out a sum of [outer][kept][inner] vec4 over outer and inner. A workgroup takes a strip of a plane, or several
 * whole planes of one result where they are small.
 */
export function splitsOf({ policy }: Choosing, outer: number, kept: number, inner: number): Splits {
  const { workgroup, longestRun, workgroupsOfSum } = policy.streaming;
  const even = evenStrips(inner, outer * kept, workgroup, longestRun, workgroupsOfSum);
  const run = even.strip / workgroup;
  const fill = Math.floor((outer * kept * even.strips) / workgroupsOfSum);
  const planes = Math.min(outer, Math.max(1, Math.min(Math.floor(longestRun / run), fill)));
  const planeSplits = ceilDivide(outer, planes);
  return { ...even, planes, planeSplits, partials: planeSplits * even.strips * workgroup };
}

/** Lanes that add up partial sums, as far as a workgroup of this device has them. */
export const finalLanes = ({ policy, traits }: Choosing): number =>
  Math.min(policy.streaming.finalLanes, traits.limits.maxComputeInvocationsPerWorkgroup);

export interface RowTile {
  /** Lanes along a row, and rows side by side in one workgroup. */
  readonly lanesX: number;
  readonly lanesY: number;
  /** Rows that an invocation goes through, one after the other. */
  readonly rows: number;
}

/** Shares out `rows` rows of `width` vec4 for kernels that must know where in the image they are. */
export function rowTileOf({ policy }: Choosing, rows: number, width: number): RowTile {
  const { workgroup, longestRun, workgroups } = policy.streaming;
  let lanesX = 1;
  while (lanesX < width && lanesX < workgroup) lanesX *= 2;
  const lanesY = workgroup / lanesX;
  const fill = Math.floor(rows / (lanesY * workgroups));
  return { lanesX, lanesY, rows: Math.max(1, Math.min(fill, Math.floor((longestRun * lanesX) / width))) };
}
