import type { AdapterTraits } from '../../src/gpu/types';

/** An adapter without a name, with the limits that WebGPU promises. */
export const traitsOf = (isSoftware: boolean, subgroupSize: number, most = 65535): AdapterTraits => ({
  vendor: '',
  architecture: '',
  device: '',
  description: '',
  isSoftware,
  subgroupSize,
  features: [],
  limits: {
    maxBufferSize: 2 ** 28,
    maxStorageBufferBindingSize: 2 ** 27,
    maxComputeWorkgroupsPerDimension: most,
    maxComputeInvocationsPerWorkgroup: 256,
    maxComputeWorkgroupStorageSize: 16384,
    maxStorageBuffersPerShaderStage: 8,
  },
});
