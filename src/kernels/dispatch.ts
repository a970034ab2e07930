import { MemoryError } from '../errors';
import type { AdapterTraits } from '../gpu/types';

/**
 * Folds a number of workgroups over x and y, since one dimension holds 65535. The shader takes
 * `group.y * groups.x + group.x` and leaves when that is past the last one.
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
