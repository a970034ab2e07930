import { describe } from '../../gpu/device';
import { openNodeGpu } from '../../gpu/node/dawn';
import { writeTuning } from '../../kernels/node/tuned';
import { policyFor } from '../../kernels/policy';
import type { RaceOptions } from '../race';
import { type Tuning, tune } from '../tune';
import { racingJudge } from '../tune-race';
import { clock } from './node-harness';

export interface TunedAdapter extends Tuning {
  readonly adapter: string;
  /** The file that was written. */
  readonly file: string;
}

/** Measures the current adapter and stores the tuning for later runs of the library. */
export async function tuneInNode(
  options: Pick<RaceOptions, 'rounds' | 'sampleMs'>,
  onNotice: (message: string) => void,
): Promise<TunedAdapter> {
  const gpu = await openNodeGpu();
  try {
    const judge = racingJudge(gpu, { ...options, clock });
    const tuning = await tune(policyFor(gpu.traits), judge, onNotice);
    const profile = { policy: tuning.policy, date: new Date().toISOString() };
    return { ...tuning, adapter: describe(gpu.traits), file: await writeTuning(profile, gpu.traits) };
  } finally {
    gpu.destroy();
  }
}
