import type { AdapterTraits } from '../gpu/types';

const MOST = 512 * 2 ** 20;
const LEAST = 96 * 2 ** 20;

/** Share of the machine's memory that one page may take for this: phones give a tab a fraction of theirs. */
const SHARE = 1 / 16;

/**
 * Bytes of device memory to plan with: what the machine has, as far as the browser tells, and what the device's limits
 * let one suppose. Whatever it is, smaller tiles are tried when the device has less.
 *
 * @param gibibytes of the machine, at most 8 as browsers tell it; undefined where they do not.
 */
export function memoryBudget(
  { limits }: Pick<AdapterTraits, 'limits'>,
  gibibytes: number | undefined = machineMemory(),
): number {
  const ofMachine = gibibytes === undefined ? MOST : SHARE * gibibytes * 2 ** 30;
  // A device that holds little in one piece has little.
  return Math.max(LEAST, Math.min(MOST, ofMachine, 2 * limits.maxBufferSize));
}

/** Chrome and Edge tell; Firefox, Safari and Node do not. */
const machineMemory = (): number | undefined =>
  (globalThis.navigator as { readonly deviceMemory?: number } | undefined)?.deviceMemory;
