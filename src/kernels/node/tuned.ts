import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { writeFileAtomically } from '../../atomic-file-node';
import { InputError } from '../../errors';
import { openCache } from '../../gpu/node/cache';
import { type OpenNodeGpuOptions, openNodeGpu } from '../../gpu/node/dawn';
import type { AdapterTraits, Gpu } from '../../gpu/types';
import { withPolicy } from '../tuned-gpu';
import { adapterKey, decodeTuning, encodeTuning, type Tuning } from '../tuning';

/**
 * What a tuning is for: all work, measured by `glocal bench tune`, or photos only, measured after the first one of a
 * batch. The latter is only known to leave the bits of photos unchanged, so it must not be used in training.
 */
export type TuningUse = 'all' | 'photos';

/** Opens a device and applies the adapter's tuning, if it was measured. */
export async function openTunedGpu(options: OpenNodeGpuOptions = {}, use: TuningUse = 'all'): Promise<Gpu> {
  const gpu = await openNodeGpu(options);
  const tuning = await usableTuning(gpu.traits, use, (message) => process.emitWarning(message));
  return tuning ? withPolicy(gpu, tuning.policy) : gpu;
}

/**
 * The adapter's tuning for a use, or null if there is none, or none that can be used.
 *
 * @param warn receives why a tuning cannot be used; the built-in policy is just as correct, so work continues.
 */
export async function usableTuning(
  traits: AdapterTraits,
  use: TuningUse,
  warn: (message: string) => void = () => {},
): Promise<Tuning | null> {
  for (const kept of use === 'photos' ? (['all', 'photos'] as const) : (['all'] as const)) {
    try {
      const tuning = await readTuning(traits, kept);
      if (tuning) return tuning;
    } catch (error) {
      if (!(error instanceof InputError)) throw error;
      warn(error.message);
    }
  }
  return null;
}

/**
 * The adapter's tuning that was kept for one use, or null if it was never measured.
 *
 * @throws {InputError} in one sentence when the file cannot be used.
 */
export async function readTuning(traits: AdapterTraits, use: TuningUse = 'all'): Promise<Tuning | null> {
  const path = await tuningPath(traits, use);
  let json: string;
  try {
    json = await readFile(path, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null;
    throw new InputError(`The kernel tuning ${path} cannot be read: ${(error as Error).message}`);
  }
  return decodeTuning(json, traits, path);
}

/** Stores a tuning atomically and returns the file. */
export async function writeTuning(
  tuning: Tuning,
  traits: AdapterTraits,
  use: TuningUse = 'all',
): Promise<string> {
  const path = await tuningPath(traits, use);
  writeFileAtomically(path, encodeTuning(tuning, traits));
  return path;
}

/** One file per adapter and use. */
async function tuningPath(traits: AdapterTraits, use: TuningUse): Promise<string> {
  const words =
    adapterKey(traits)
      .toLowerCase()
      .match(/[a-z0-9]+/g) ?? [];
  const kind = use === 'all' ? 'kernels' : `kernels-for-${use}`;
  return join(await openCache(), `${kind}-${words.join('-')}.json`);
}
