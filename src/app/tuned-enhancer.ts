import { Enhancer } from '../enhance/enhancer';
import type { EnhancerOptions } from '../enhance/enhancer-options';
import type { AdapterTraits } from '../gpu/types';
import type { KernelPolicy } from '../kernels/policy';
import { withPolicy } from '../kernels/tuned-gpu';
import { adapterKey, decodeTuning, encodeTuning, type Tuning } from '../kernels/tuning';
import { readText, writeText } from './text-store';

/**
 * An enhancer whose choice of kernels was measured on this adapter with this network, if it was: see `measure`. What was
 * measured is kept in the browser.
 */
export class TunedEnhancer {
  #tuning: Tuning | null = null;

  private constructor(
    readonly enhancer: Enhancer,
    private readonly model: string,
  ) {}

  static async create(options: EnhancerOptions, model: string): Promise<TunedEnhancer> {
    let found: Tuning | null = null;
    class Stored extends Enhancer {
      static override readonly platform = {
        ...Enhancer.platform,
        openGpu: async () => {
          const gpu = await Enhancer.platform.openGpu();
          found = await readTuning(gpu.traits, model);
          return found ? withPolicy(gpu, found.policy) : gpu;
        },
      };
    }
    const made = new TunedEnhancer(await Stored.create(options), model);
    made.#tuning = found;
    return made;
  }

  /** What was measured, and when; null where the choice is the one that ships. */
  get tuning(): Tuning | null {
    return this.#tuning;
  }

  /** Lets families of kernels race, once for an adapter and network. Software adapters keep the choice that ships. */
  async measure(): Promise<void> {
    const { adapter } = this.enhancer;
    if (adapter.isSoftware || this.#tuning) return;
    const { tuneNetwork } = await import('../bench/tune-network');
    let chosen: KernelPolicy | undefined;
    await this.enhancer.tune(async (gpu, network) => {
      chosen = await tuneNetwork(gpu, network, { wall: () => performance.now() });
      return chosen;
    });
    if (!chosen) return;
    this.#tuning = { policy: chosen, date: new Date().toISOString() };
    await writeText(keyOf(adapter, this.model), encodeTuning(this.#tuning, adapter));
  }
}

const keyOf = (adapter: AdapterTraits, model: string): string => `${adapterKey(adapter)} / ${model}`;

/** Null where there is none, or none that this version can use: it is measured again. */
async function readTuning(adapter: AdapterTraits, model: string): Promise<Tuning | null> {
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
