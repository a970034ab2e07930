import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { writeFileAtomically } from '../../atomic-file-node';
import { InputError } from '../../errors';
import { openCache } from '../../gpu/node/cache';
import { type OpenNodeGpuOptions, openNodeGpu } from '../../gpu/node/dawn';
import type { AdapterTraits, Gpu } from '../../gpu/types';
import { withPolicy } from '../tuned-gpu';
import { adapterKey, decodeTuning, encodeTuning, type Tuning } from '../tuning';

/** Opens a device and, if `glocal bench tune` has measured its adapter, applies that tuning. */
export async function openTunedGpu(options: OpenNodeGpuOptions = {}): Promise<Gpu> {
  const gpu = await openNodeGpu(options);
  try {
    const tuning = await readTuning(gpu.traits);
    return tuning ? withPolicy(gpu, tuning.policy) : gpu;
  } catch (error) {
    if (!(error instanceof InputError)) throw error;
    // The built-in policy is just as correct, so work continues.
    process.emitWarning(error.message);
    return gpu;
  }
}

/**
 * The adapter's tuning, or null if it was never measured.
 *
 * @throws {InputError} in one sentence when the file cannot be used.
 */
export async function readTuning(traits: AdapterTraits): Promise<Tuning | null> {
  const path = await tuningPath(traits);
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
export async function writeTuning(tuning: Tuning, traits: AdapterTraits): Promise<string> {
  const path = await tuningPath(traits);
  writeFileAtomically(path, encodeTuning(tuning, traits));
  return path;
}

/** One file per adapter. */
async function tuningPath(traits: AdapterTraits): Promise<string> {
  const words =
    adapterKey(traits)
      .toLowerCase()
      .match(/[a-z0-9]+/g) ?? [];
  return join(await openCache(), `kernels-${words.join('-')}.json`);
}
