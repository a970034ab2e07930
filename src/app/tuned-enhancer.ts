import { Enhancer } from '../enhance/enhancer';
import type { EnhancerOptions } from '../enhance/enhancer-options';
import type { KernelPolicy } from '../kernels/policy';
import { withPolicy } from '../kernels/tuned-gpu';
import type { Tuning } from '../kernels/tuning';
import { readTuning, writeTuning } from './kept-tuning';

/**
 * An enhancer whose choice of kernels was measured on this adapter with this network, if `measure` has run. The
 * measurement is kept in the browser.
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

  /** The measurement and its date; null if the built-in choice is used. */
  get tuning(): Tuning | null {
    return this.#tuning;
  }

  /** Races families of kernels, once per adapter and network. Software adapters keep the built-in choice. */
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
    await writeTuning(this.#tuning, adapter, this.model);
  }
}
