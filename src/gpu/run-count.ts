import code from '../../shaders/run_count.wgsl?raw';
import { createStorageBuffer, upload } from './buffers';
import { PipelineCache } from './pipeline';
import type { Step } from './step';
import type { Gpu } from './types';

const kernel = { name: 'run_count', code };

/**
 * Tells whether a device has done what it was given. Drivers drop work that takes too long without a word (Metal:
 * gfx-rs/wgpu#5000), and then the results of the run before still lie in the buffers. So the last dispatch of every
 * submit counts on the device, the host counts too, and whoever reads a result compares.
 */
export class RunCount {
  /** Submits so far, modulo 2^32. */
  #submits = 0;
  #isOutOfStep = false;
  /** By the step that a submit ends with. */
  readonly #bindGroups = new Map<Step, GPUBindGroup>();

  private constructor(
    private readonly gpu: Gpu,
    private readonly pipeline: GPUComputePipeline,
    /** One u32. */
    readonly buffer: GPUBuffer,
  ) {}

  static async create(gpu: Gpu): Promise<RunCount> {
    const [pipeline, buffer] = await Promise.all([
      PipelineCache.of(gpu).get(kernel, {}),
      createStorageBuffer(gpu, 4, 'run count'),
    ]);
    return new RunCount(gpu, pipeline, buffer);
  }

  /** Ends the pass of a submit whose last dispatch is that of `last`. To be followed by the submit. */
  encode(pass: GPUComputePassEncoder, last: Step): void {
    // The device's count may be behind by what it dropped.
    if (this.#isOutOfStep) upload(this.gpu, this.buffer, Uint32Array.of(this.#submits));
    this.#isOutOfStep = false;
    this.#submits = (this.#submits + 1) >>> 0;
    pass.setPipeline(this.pipeline);
    pass.setBindGroup(0, this.#bindGroup(last));
    pass.dispatchWorkgroups(1);
  }

  /** What the buffer holds when all submits so far have been carried out; `isComplete` of what was read of it. */
  expectation(): { isComplete(read: ArrayBuffer): boolean } {
    const expected = this.#submits;
    return {
      isComplete: (read) => {
        const isComplete = new Uint32Array(read)[0] === expected;
        if (!isComplete) this.#isOutOfStep = true;
        return isComplete;
      },
    };
  }

  destroy(): void {
    this.buffer.destroy();
  }

  #bindGroup(last: Step): GPUBindGroup {
    const known = this.#bindGroups.get(last);
    if (known) return known;
    // By convention a call writes its last binding.
    const result = last.call.bindings.at(-1)!;
    const bindGroup = this.gpu.device.createBindGroup({
      label: 'run count',
      layout: this.pipeline.getBindGroupLayout(0),
      entries: [
        { binding: 0, resource: { buffer: this.buffer } },
        { binding: 1, resource: 'buffer' in result ? result : { buffer: result } },
      ],
    });
    this.#bindGroups.set(last, bindGroup);
    return bindGroup;
  }
}
