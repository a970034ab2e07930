import type { Enhancer } from '../../enhance/enhancer';
import { usableTuning, writeTuning } from '../../kernels/node/tuned';
import type { KernelPolicy } from '../../kernels/policy';
import type { Clock } from '../race';
import { tuneNetwork } from '../tune-network';

/**
 * Lets families of kernels race on the enhancer's network, once per adapter, and keeps the winner for later runs. Only
 * those with the same bits take part, so the photos of a batch do not depend on it. Software adapters keep the built-in
 * choice.
 *
 * @returns whether a race took place.
 */
export async function tunePhotos(enhancer: Enhancer, clock: Clock): Promise<boolean> {
  const { adapter } = enhancer;
  if (adapter.isSoftware || (await usableTuning(adapter, 'photos'))) return false;
  let chosen: KernelPolicy | undefined;
  await enhancer.tune(async (gpu, network) => {
    chosen = await tuneNetwork(gpu, network, clock);
    return chosen;
  });
  if (!chosen) return false;
  await writeTuning({ policy: chosen, date: new Date().toISOString() }, adapter, 'photos');
  return true;
}
