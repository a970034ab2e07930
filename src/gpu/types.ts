/** An adapter as plain data: everything that the choice of kernels depends on. */
export interface AdapterTraits {
  readonly vendor: string;
  readonly architecture: string;
  readonly device: string;
  readonly description: string;
  /** True for SwiftShader, lavapipe, WARP and the like. Announced to the user, never used silently. */
  readonly isSoftware: boolean;
  /** Lanes in a subgroup when the device has the feature `subgroups` and the size is fixed; otherwise 0. */
  readonly subgroupSize: number;
  readonly features: readonly string[];
  readonly limits: {
    readonly maxBufferSize: number;
    readonly maxStorageBufferBindingSize: number;
    readonly maxComputeWorkgroupsPerDimension: number;
    readonly maxComputeInvocationsPerWorkgroup: number;
    readonly maxComputeWorkgroupStorageSize: number;
    readonly maxStorageBuffersPerShaderStage: number;
  };
}

/** An open device and its properties. Always passed as an argument; there is no global device. */
export interface Gpu {
  readonly device: GPUDevice;
  readonly traits: AdapterTraits;
  /** Resolves when the device is lost, or after `destroy()`. */
  readonly lost: Promise<GPUDeviceLostInfo>;
  /** True once the device is lost or destroyed. */
  readonly isLost: boolean;
  /** Waits for a result of the device in the way that suits runtime and adapter. */
  wait<T>(news: Promise<T>): Promise<T>;
  destroy(): void;
}
