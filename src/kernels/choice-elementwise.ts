import type { AdapterTraits } from '../gpu/types';
import { ceilDivide } from './dispatch';

/**
 * How operators that stream over memory share out their work. Software adapters want a workgroup of one
 * subgroup whose lanes run through many vec4, as starting an invocation costs more than its arithmetic; GPUs
 * want many invocations, so theirs run short until there is work for all.
 */
interface Pace {
  readonly workgroup: number;
  /** Most vec4 that one invocation runs through. */
  readonly longestRun: number;
  /** Workgroups to have before runs get longer: for operators that write as they go, and for sums. */
  readonly workgroups: number;
  readonly workgroupsOfSum: number;
  /** Lanes that add up the partial sums of one row; one workgroup. */
  readonly finalLanes: number;
}

const SOFTWARE_LANES = 8;

function pace(traits: AdapterTraits): Pace {
  if (!traits.isSoftware) {
    return { workgroup: 64, longestRun: 64, workgroups: 2048, workgroupsOfSum: 256, finalLanes: 256 };
  }
  const lanes = traits.subgroupSize || SOFTWARE_LANES;
  return { workgroup: lanes, longestRun: 256, workgroups: 32, workgroupsOfSum: 32, finalLanes: lanes };
}

export interface Strips {
  readonly workgroup: number;
  /** Length in vec4 of what one workgroup takes; its lanes go through it side by side. */
  readonly strip: number;
  readonly strips: number;
}

/** Shares out `length` vec4, of which there are `copies` (planes) to be shared out in the same way. */
export function stripsOf(traits: AdapterTraits, length: number, copies = 1): Strips {
  const { workgroup, longestRun, workgroups } = pace(traits);
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
  /** Planes of one row that a workgroup goes through, one after the other. */
  readonly planes: number;
  readonly planeSplits: number;
  /** Partial sums that one row gets: one per invocation. */
  readonly partials: number;
}

/**
 * Shares out a sum over [outer][row][inner] vec4 to one result per row. A workgroup takes a strip of a plane,
 * or several whole planes of the same row where they are small.
 */
export function splitsOf(traits: AdapterTraits, outer: number, rows: number, inner: number): Splits {
  const { workgroup, longestRun, workgroupsOfSum } = pace(traits);
  const even = evenStrips(inner, outer * rows, workgroup, longestRun, workgroupsOfSum);
  const run = even.strip / workgroup;
  const fill = Math.floor((outer * rows * even.strips) / workgroupsOfSum);
  const planes = Math.min(outer, Math.max(1, Math.min(Math.floor(longestRun / run), fill)));
  const planeSplits = ceilDivide(outer, planes);
  return { ...even, planes, planeSplits, partials: planeSplits * even.strips * workgroup };
}

export const finalLanes = (traits: AdapterTraits): number => pace(traits).finalLanes;

export interface RowTile {
  /** Lanes along a row, and rows side by side in one workgroup. */
  readonly lanesX: number;
  readonly lanesY: number;
  /** Rows that an invocation goes through, one after the other. */
  readonly rows: number;
}

/** Shares out `rows` rows of `width` vec4 for kernels that must know where in the image they are. */
export function rowTileOf(traits: AdapterTraits, rows: number, width: number): RowTile {
  const { workgroup, longestRun, workgroups } = pace(traits);
  let lanesX = 1;
  while (lanesX < width && lanesX < workgroup) lanesX *= 2;
  const lanesY = workgroup / lanesX;
  const fill = Math.floor(rows / (lanesY * workgroups));
  return { lanesX, lanesY, rows: Math.max(1, Math.min(fill, Math.floor((longestRun * lanesX) / width))) };
}
