import code from '../../shaders/run_count.wgsl?raw';
import { createStorageBuffer, upload } from './buffers';
import { PipelineCache } from './pipeline';
import type { Step } from './step';
import type { Gpu } from './types';

const kernel = { name: 'run_count', code };

/**
 * Checks that a device has done its work. Some drivers silently drop work that takes too long (Metal:
 * gfx-rs/wgpu#5000), leaving the previous results in the buffers. So the last dispatch of every submit increments a
 * counter on the device, the host counts too, and readers of results compare.
 */
export class RunCount {
  static readonly #ofDevice = new WeakMap<GPUDevice, Promise<RunCount>>();
  #submits = 0;
  /** The device's counter lags behind because it dropped submits. */
  #isBehind = false;
  /** Submits up to this one may have been dropped. */
  #doubtful = -1;
  /** By the last step of a submit. */
  readonly #bindGroups = new WeakMap<Step, GPUBindGroup>();

  private constructor(
    private readonly gpu: Gpu,
    private readonly pipeline: GPUComputePipeline,
    /** A single u32. */
    readonly buffer: GPUBuffer,
  ) {}

  /** The device's only counter: work that depends on several lists depends on all of them. */
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

  /** Number of submits so far. */
  get submits(): number {
    return this.#submits;
  }

  /** Ends the pass of a submit whose last dispatch is that of `last`. The submit must follow. */
  encode(pass: GPUComputePassEncoder, last: Step): void {
    if (this.#isBehind) upload(this.gpu, this.buffer, Uint32Array.of(this.#submits));
    this.#isBehind = false;
    this.#submits++;
    pass.setPipeline(this.pipeline);
    pass.setBindGroup(0, this.#bindGroup(last));
    pass.dispatchWorkgroups(1);
  }

  /**
   * Call this when queueing a copy of the counter. The result tells from the copied value whether all submits after
   * `since` were executed.
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
    // By convention, a call writes to its last binding.
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
