import { DeviceLostError, MemoryError, ShaderError, ShapeError, UnfinishedError } from '../errors';
import { type BufferPart, finished, type ReadStaging, readParts } from './buffers';
import { BUFFER_USAGE } from './flags';
import type { KernelCall } from './kernel-call';
import { encodeParams } from './params';
import { PipelineCache } from './pipeline';
import { type CallTime, profileSteps } from './profile';
import { RunCount } from './run-count';
import type { Binding, Step } from './step';
import { SubmitBudget, submitEnd } from './submit-budget';
import type { Gpu } from './types';
import { layUniforms, type UniformSlices } from './uniforms';

/** Recorded calls that can be replayed any number of times. */
export class CommandList {
  /** The device's submit count before the last run. */
  #before = 0;
  /** The submit of `run` that may still be executing, and when the previous one finished. */
  #ahead: Promise<void> | undefined;
  #lastEnd = 0;

  constructor(
    readonly gpu: Gpu,
    readonly steps: readonly Step[],
    private readonly uniforms: GPUBuffer | null,
    private readonly runCount: RunCount,
  ) {}

  /**
   * Queues all calls in submits of bounded work, without waiting for them. Creates no lasting objects.
   *
   * @param times repetitions of the whole list.
   * @param count only the first calls.
   * @throws {DeviceLostError} when the device is already lost.
   */
  submit(times = 1, count = this.steps.length): void {
    this.#requireDevice();
    const { flops } = SubmitBudget.of(this.gpu);
    this.#before = this.runCount.submits;
    for (let time = 0; time < times; time++) {
      for (let start = 0; start < count; ) start = this.#submitFrom(start, count, flops).end;
    }
  }

  /**
   * Like `submit`, once, with at most two submits on the device: other drawing gets its turn, and the measured times
   * adapt the size of the next submits. Resolves when everything is queued.
   *
   * @param check called between submits; throws to stop.
   * @throws {DeviceLostError} when the device is lost meanwhile.
   */
  async run(check: () => void = () => {}): Promise<void> {
    this.#requireDevice();
    const budget = SubmitBudget.of(this.gpu);
    this.#before = this.runCount.submits;
    for (let start = 0; start < this.steps.length; ) {
      const queued = performance.now();
      const { end, flops } = this.#submitFrom(start, this.steps.length, budget.flops);
      start = end;
      const done = finished(this.gpu).then(() => {
        const now = performance.now();
        budget.learn(flops, now - Math.max(queued, this.#lastEnd));
        this.#lastEnd = now;
      });
      done.catch(() => {}); // Handled when awaited.
      await this.#ahead;
      this.#ahead = done;
      check();
    }
  }

  /**
   * Bytes of a buffer after all queued work.
   *
   * @param since the device's submit count (`RunCount`) before the work that they depend on. Default: the last run of
   * this list.
   * @throws {UnfinishedError} when the device did not do all of that work.
   * @throws {DeviceLostError} when the device is lost before the bytes arrive.
   */
  read(
    buffer: GPUBuffer,
    bytes: number = buffer.size,
    offset = 0,
    since = this.#before,
  ): Promise<ArrayBuffer> {
    return this.readInto([{ buffer, bytes, offset }], ([content]) => content!.slice(0), since);
  }

  /** The same for several ranges at once; `use` receives their bytes, which are valid only until it returns. */
  async readInto<T>(
    parts: readonly BufferPart[],
    use: (contents: readonly ArrayBuffer[]) => T,
    since = this.#before,
    staging?: ReadStaging,
  ): Promise<T> {
    const isComplete = this.runCount.expectation(since);
    const count = { buffer: this.runCount.buffer, bytes: 4, offset: 0 };
    const checked = ([counted, ...contents]: readonly ArrayBuffer[]) => {
      if (isComplete(counted!)) return use(contents);
      throw new UnfinishedError(
        `The graphics device did not finish its work, so "${parts.at(-1)!.buffer.label}" has no valid result. Try ` +
          'again; if it happens again, use a smaller photo, tile or network, or update the graphics driver.',
      );
    };
    return readParts(this.gpu, [count, ...parts], checked, staging);
  }

  #requireDevice(): void {
    if (this.gpu.isLost) throw new DeviceLostError('The device is lost: open a new one and compile again.');
  }

  /** One submit, starting at a step. */
  #submitFrom(start: number, count: number, budget: number): { end: number; flops: number } {
    this.#requireDevice();
    const { device } = this.gpu;
    const end = submitEnd(this.steps, start, count, budget);
    const encoder = device.createCommandEncoder();
    const pass = encoder.beginComputePass();
    let current: GPUComputePipeline | undefined;
    let flops = 0;
    for (let at = start; at < end; at++) {
      const { call, pipeline, bindGroup } = this.steps[at]!;
      if (pipeline !== current) pass.setPipeline(pipeline);
      current = pipeline;
      pass.setBindGroup(0, bindGroup);
      pass.dispatchWorkgroups(...call.dispatch);
      flops += call.flops;
    }
    this.runCount.encode(pass, this.steps[end - 1]!);
    pass.end();
    device.queue.submit([encoder.finish()]);
    return { end, flops };
  }

  /** Runs the calls one by one and measures each: the median of `repeat` runs. For analysis; slower than `run`. */
  profile(repeat = 3): Promise<CallTime[]> {
    return profileSteps(this.gpu, this.steps, repeat);
  }

  /** Frees the list's own objects; the buffers of the calls belong to the caller. */
  destroy(): void {
    this.uniforms?.destroy();
  }
}

/**
 * Creates the pipelines, uniform blocks and bind groups of the calls. Parameters go to @binding(0), storage buffers
 * to @binding(1), @binding(2), ...
 *
 * @throws {ShapeError} when a dispatch is not positive integers within the device's limit.
 * @throws {ShaderError} when parameters do not match the kernel, when it does not compile, or when it does not match
 * these bindings.
 * @throws {MemoryError} when a binding is larger than the device allows.
 */
export async function record(gpu: Gpu, calls: readonly KernelCall<Binding>[]): Promise<CommandList> {
  for (const call of calls) checkCall(gpu, call);
  const uniforms = layUniforms(calls.map(encodeParams));
  const [runCount, pipelines] = await compilePipelines(gpu, calls);
  gpu.device.pushErrorScope('validation');
  const uniformBuffer = writeUniforms(gpu, uniforms);
  const steps = calls.map((call, at): Step => {
    const pipeline = pipelines[at]!;
    const entries = bindGroupEntries(call, uniforms.slices[at]!, uniformBuffer);
    const bindGroup = gpu.device.createBindGroup({
      label: call.label,
      layout: pipeline.getBindGroupLayout(0),
      entries,
    });
    return { call, pipeline, bindGroup };
  });
  const error = await gpu.device.popErrorScope();
  if (error) {
    uniformBuffer?.destroy();
    throw new ShaderError(`A kernel does not accept the buffers of its call: ${error.message}`);
  }
  return new CommandList(gpu, steps, uniformBuffer, runCount);
}

/**
 * Compiles everything that lists of such calls need, in parallel. A later `record` finds the pipelines ready or in
 * progress.
 *
 * @throws as `record`, for kernels that do not compile.
 */
export function compilePipelines(
  gpu: Gpu,
  calls: readonly Pick<KernelCall<unknown>, 'kernel' | 'constants' | 'precision'>[],
): Promise<[RunCount, GPUComputePipeline[]]> {
  const cache = PipelineCache.of(gpu);
  const pipelines = calls.map((call) => cache.get(call.kernel, call.constants, call.precision));
  return gpu.wait(Promise.all([RunCount.of(gpu), Promise.all(pipelines)]));
}

function bindGroupEntries(
  call: KernelCall<Binding>,
  slice: UniformSlices['slices'][number],
  uniforms: GPUBuffer | null,
): GPUBindGroupEntry[] {
  const storage = call.bindings.map((binding, at) => ({ binding: at + 1, resource: asResource(binding) }));
  if (!slice) return storage;
  return [
    { binding: 0, resource: { buffer: uniforms!, offset: slice.offset, size: slice.size } },
    ...storage,
  ];
}

function writeUniforms(gpu: Gpu, { bytes }: UniformSlices): GPUBuffer | null {
  if (bytes.byteLength === 0) return null;
  const usage = BUFFER_USAGE.UNIFORM | BUFFER_USAGE.COPY_DST;
  const buffer = gpu.device.createBuffer({ label: 'uniforms', size: bytes.byteLength, usage });
  gpu.device.queue.writeBuffer(buffer, 0, bytes);
  return buffer;
}

function checkCall(gpu: Gpu, { label, dispatch, bindings }: KernelCall<Binding>): void {
  const { limits } = gpu.traits;
  const most = limits.maxComputeWorkgroupsPerDimension;
  if (!dispatch.every((n) => Number.isInteger(n) && n >= 1 && n <= most)) {
    throw new ShapeError(
      `${label}: a dispatch of ${dispatch.join(' x ')} workgroups; each number must be a whole number from 1 to ${most}. ` +
        'The shapes are too large for this kernel, or empty.',
    );
  }
  if (bindings.length > limits.maxStorageBuffersPerShaderStage) {
    throw new ShapeError(
      `${label}: ${bindings.length} storage buffers, but a kernel on this device may have at most ` +
        `${limits.maxStorageBuffersPerShaderStage}.`,
    );
  }
  for (const binding of bindings) {
    const size = bindingSize(binding);
    if (size > limits.maxStorageBufferBindingSize) {
      throw new MemoryError(
        `${label}: a buffer of ${size} bytes, but this device binds at most ${limits.maxStorageBufferBindingSize}. ` +
          'Use a smaller photo, batch or patch.',
      );
    }
  }
}

// A GPUBufferBinding has `buffer`; `instanceof` would need a global that Node lacks.
const isPart = (binding: Binding): binding is GPUBufferBinding => 'buffer' in binding;
const asResource = (binding: Binding): GPUBufferBinding => (isPart(binding) ? binding : { buffer: binding });

function bindingSize(binding: Binding): number {
  if (!isPart(binding)) return binding.size;
  return binding.size ?? binding.buffer.size - (binding.offset ?? 0);
}
