import type { AdapterTraits, Gpu } from '../gpu/types';
import { withPolicy } from '../kernels/tuned-gpu';
import { adapterKey, decodeTuning, encodeTuning, type Tuning } from '../kernels/tuning';
import { readText, writeText } from './text-store';

/** Tunings kept in this browser, by adapter and model: see `TunedEnhancer`. */

const keyOf = (adapter: AdapterTraits, model: string): string => `${adapterKey(adapter)} / ${model}`;

/** Null if there is none, or none that this version can use: it is measured again. */
export async function readTuning(adapter: AdapterTraits, model: string): Promise<Tuning | null> {
  if (adapter.isSoftware) return null;
  const json = await readText(keyOf(adapter, model));
  if (json === null) return null;
  try {
    return decodeTuning(json, adapter, keyOf(adapter, model));
  } catch (error) {
    console.info(error);
    return null;
  }
}

export const writeTuning = (tuning: Tuning, adapter: AdapterTraits, model: string): Promise<void> =>
  writeText(keyOf(adapter, model), encodeTuning(tuning, adapter));

/** The device under the policy kept for it and the model, if there is one. */
export async function withKeptTuning(gpu: Gpu, model: string): Promise<Gpu> {
  const tuning = await readTuning(gpu.traits, model);
  return tuning ? withPolicy(gpu, tuning.policy) : gpu;
}
