import type { AdapterTraits } from '../gpu/types';

const MOST = 512 * 2 ** 20;
const LEAST = 96 * 2 ** 20;

/** Share of the machine's memory to use: phones give a tab only a fraction of theirs. */
const SHARE = 1 / 16;

/**
 * Bytes of device memory to plan with, estimated from the machine's memory (if the browser reveals it) and the
 * device's limits. If less is available, smaller tiles are tried.
 *
 * @param gibibytes memory of the machine, which browsers cap at 8; undefined if unknown.
 */
export function memoryBudget(
  { limits }: Pick<AdapterTraits, 'limits'>,
  gibibytes: number | undefined = machineMemory(),
): number {
  const ofMachine = gibibytes === undefined ? MOST : SHARE * gibibytes * 2 ** 30;
  // A device with a small largest buffer has little memory.
  return Math.max(LEAST, Math.min(MOST, ofMachine, 2 * limits.maxBufferSize));
}

/** Reported by Chrome and Edge; not by Firefox, Safari or Node. */
const machineMemory = (): number | undefined =>
  (globalThis.navigator as { readonly deviceMemory?: number } | undefined)?.deviceMemory;
