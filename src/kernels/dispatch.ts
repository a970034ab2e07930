import { MemoryError } from '../errors';
import type { AdapterTraits } from '../gpu/types';

/**
 * Folds a number of workgroups over x and y, since one dimension is limited to 65535. The shader uses `group.y *
 * groups.x + group.x` and returns if that is past the end.
 *
 * @throws {MemoryError} above the square of the limit, which no buffer reaches.
 */
export function foldWorkgroups(traits: AdapterTraits, workgroups: number): readonly [number, number, number] {
  const limit = traits.limits.maxComputeWorkgroupsPerDimension;
  const rows = Math.max(1, Math.ceil(workgroups / limit));
  if (rows > limit) throw new MemoryError(`${workgroups} workgroups are more than this device can count.`);
  return [Math.max(1, Math.ceil(workgroups / rows)), rows, 1];
}

export const ceilDivide = (n: number, by: number): number => Math.ceil(n / by);
