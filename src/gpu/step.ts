import type { KernelCall } from './kernel-call';

/** A whole buffer or a part of one. */
export type Binding = GPUBuffer | GPUBufferBinding;

/** A call with all WebGPU objects it needs. */
export interface Step {
  readonly call: KernelCall<Binding>;
  readonly pipeline: GPUComputePipeline;
  readonly bindGroup: GPUBindGroup;
}
