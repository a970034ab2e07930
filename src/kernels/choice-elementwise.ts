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
  /** Workgroups to have before runs get longer. */
  readonly workgroups: number;
}

function pace(traits: AdapterTraits): Pace {
  return traits.isSoftware
    ? { workgroup: traits.subgroupSize || 8, longestRun: 256, workgroups: 32 }
    : { workgroup: 64, longestRun: 32, workgroups: 2048 };
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
  const run = Math.min(longestRun, Math.max(1, Math.floor((length * copies) / (workgroup * workgroups))));
  const strips = ceilDivide(length, workgroup * run);
  // Even strips: the last is not left with a remnant.
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
 * Shares out a reduction over [outer][row][inner] vec4 to one result per row. A workgroup takes a strip of a
 * plane, or several whole planes of the same row where they are small.
 */
export function splitsOf(traits: AdapterTraits, outer: number, rows: number, inner: number): Splits {
  const { longestRun, workgroups, workgroup } = pace(traits);
  const strips = stripsOf(traits, inner, outer * rows);
  const run = strips.strip / workgroup;
  const fill = Math.floor((outer * rows * strips.strips) / workgroups);
  const planes = Math.min(outer, Math.max(1, Math.min(Math.floor(longestRun / run), fill)));
  const planeSplits = ceilDivide(outer, planes);
  return { ...strips, planes, planeSplits, partials: planeSplits * strips.strips * workgroup };
}

/** Lanes that add up the partial sums of one row. */
export const finalLanes = (traits: AdapterTraits): number => pace(traits).workgroup;

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
