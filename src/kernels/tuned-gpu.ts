import type { AdapterTraits, Gpu } from '../gpu/types';
import { type KernelPolicy, policyFor } from './policy';

/** A device whose programs choose their kernels by another policy than the one that ships. */
class TunedGpu implements Gpu {
  constructor(
    private readonly gpu: Gpu,
    readonly policy: KernelPolicy,
  ) {}

  get device(): GPUDevice {
    return this.gpu.device;
  }

  get traits(): AdapterTraits {
    return this.gpu.traits;
  }

  get lost(): Promise<GPUDeviceLostInfo> {
    return this.gpu.lost;
  }

  get isLost(): boolean {
    return this.gpu.isLost;
  }

  wait<T>(news: Promise<T>): Promise<T> {
    return this.gpu.wait(news);
  }

  destroy(): void {
    this.gpu.destroy();
  }
}

/** The same device; what is compiled for it through the result goes by this policy. */
export const withPolicy = (gpu: Gpu, policy: KernelPolicy): Gpu => new TunedGpu(gpu, policy);

/** The policy given by `withPolicy`, else the one that ships for such an adapter. */
export const policyOf = (gpu: Gpu): KernelPolicy =>
  gpu instanceof TunedGpu ? gpu.policy : policyFor(gpu.traits);
