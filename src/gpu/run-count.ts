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
  static readonly #ofDevice = new WeakMap<GPUDevice, Promise<RunCount>>();
  #submits = 0;
  /** The device's count is behind, by what it dropped. */
  #isBehind = false;
  /** Submits up to this one may have been dropped. */
  #doubtful = -1;
  /** By the step that a submit ends with. */
  readonly #bindGroups = new WeakMap<Step, GPUBindGroup>();

  private constructor(
    private readonly gpu: Gpu,
    private readonly pipeline: GPUComputePipeline,
    /** One u32. */
    readonly buffer: GPUBuffer,
  ) {}

  /** The one count of the device: what depends on several lists depends on all of them. */
  static of(gpu: Gpu): Promise<RunCount> {
    const known = RunCount.#ofDevice.get(gpu.device);
    if (known) return known;
    const count = RunCount.#create(gpu);
    RunCount.#ofDevice.set(gpu.device, count);
    count.catch(() => RunCount.#ofDevice.delete(gpu.device));
    return count;
  }

  static async #create(gpu: Gpu): Promise<RunCount> {
    const [pipeline, buffer] = await Promise.all([
      PipelineCache.of(gpu).get(kernel, {}),
      createStorageBuffer(gpu, 4, 'run count'),
    ]);
    return new RunCount(gpu, pipeline, buffer);
  }

  /** So far. */
  get submits(): number {
    return this.#submits;
  }

  /** Ends the pass of a submit whose last dispatch is that of `last`. To be followed by the submit. */
  encode(pass: GPUComputePassEncoder, last: Step): void {
    if (this.#isBehind) upload(this.gpu, this.buffer, Uint32Array.of(this.#submits));
    this.#isBehind = false;
    this.#submits++;
    pass.setPipeline(this.pipeline);
    pass.setBindGroup(0, this.#bindGroup(last));
    pass.dispatchWorkgroups(1);
  }

  /**
   * To be asked when a copy of the buffer is queued: says of what was copied whether all submits after `since` have been
   * carried out.
   */
  expectation(since: number): (copied: ArrayBuffer) => boolean {
    const expected = this.#submits;
    return (copied) => {
      if (new Uint32Array(copied)[0] !== expected >>> 0) {
        this.#isBehind = true;
        this.#doubtful = Math.max(this.#doubtful, expected);
      }
      return since >= this.#doubtful;
    };
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
