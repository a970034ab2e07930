import type { AdapterTraits, Gpu } from '../gpu/types';
import { type KernelPolicy, policyFor, quickToCompile } from './policy';

/** A device whose programs choose kernels by another policy than the built-in one. */
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

/** The same device with another policy for programs compiled on it. */
export const withPolicy = (gpu: Gpu, policy: KernelPolicy): Gpu => new TunedGpu(gpu, policy);

/** The policy set by `withPolicy`, otherwise the built-in one for the adapter. */
export const policyOf = (gpu: Gpu): KernelPolicy =>
  gpu instanceof TunedGpu ? gpu.policy : policyFor(gpu.traits);

/** The same device for encoders of the whole picture. */
export const forWholePicture = (gpu: Gpu): Gpu => withPolicy(gpu, quickToCompile(policyOf(gpu)));
