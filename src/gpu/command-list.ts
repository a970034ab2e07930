import { DeviceLostError, MemoryError, ShaderError, ShapeError } from '../errors';
import { BUFFER_USAGE } from './flags';
import type { KernelCall } from './kernel-call';
import { encodeParams } from './params';
import { PipelineCache } from './pipeline';
import { type CallTime, profileSteps } from './profile';
import type { Binding, Step } from './step';
import type { Gpu } from './types';
import { layUniforms, type UniformSlices } from './uniforms';

/** Calls made ready once, to be replayed any number of times. */
export class CommandList {
  constructor(
    readonly gpu: Gpu,
    readonly steps: readonly Step[],
    private readonly uniforms: GPUBuffer | null,
  ) {}

  /** Writes the dispatches, or the first so many of them, into a pass; makes no object. */
  encode(pass: GPUComputePassEncoder, count = this.steps.length): void {
    let current: GPUComputePipeline | undefined;
    for (let at = 0; at < count; at++) {
      const { call, pipeline, bindGroup } = this.steps[at]!;
      if (pipeline !== current) pass.setPipeline(pipeline);
      current = pipeline;
      pass.setBindGroup(0, bindGroup);
      pass.dispatchWorkgroups(...call.dispatch);
    }
  }

  /**
   * Queues all calls as one compute pass, and does not wait for it.
   *
   * @param times how often all of them, one time after the other.
   * @param count only the first so many.
   * @throws {DeviceLostError} when the device is lost already.
   */
  submit(times = 1, count = this.steps.length): void {
    if (this.gpu.isLost) throw new DeviceLostError('The device is lost: open a new one and compile again.');
    const encoder = this.gpu.device.createCommandEncoder();
    const pass = encoder.beginComputePass();
    for (let time = 0; time < times; time++) this.encode(pass, count);
    pass.end();
    this.gpu.device.queue.submit([encoder.finish()]);
  }

  /** Runs the calls one by one and measures each: the median of `repeat` runs. For study, not for speed. */
  profile(repeat = 3): Promise<CallTime[]> {
    return profileSteps(this.gpu, this.steps, repeat);
  }

  /** Frees what the list made for itself; the buffers of the calls belong to the caller. */
  destroy(): void {
    this.uniforms?.destroy();
  }
}

/**
 * Makes pipelines, uniform blocks and bind groups of the calls. Parameters go to @binding(0), storage buffers to
 * @binding(1), @binding(2), ...
 *
 * @throws {ShapeError} when a dispatch is not made of positive integers within the device's limit.
 * @throws {ShaderError} when parameters are not those of a kernel, when it does not compile, or when it does not
 *   take these bindings.
 * @throws {MemoryError} when a binding is larger than the device allows.
 */
export async function record(gpu: Gpu, calls: readonly KernelCall<Binding>[]): Promise<CommandList> {
  for (const call of calls) checkCall(gpu, call);
  const uniforms = layUniforms(calls.map(encodeParams));
  const cache = PipelineCache.of(gpu);
  const pipelines = await gpu.wait(
    Promise.all(calls.map((call) => cache.get(call.kernel, call.constants, call.precision))),
  );
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
    throw new ShaderError(`A kernel does not take the buffers of its call: ${error.message}`);
  }
  return new CommandList(gpu, steps, uniformBuffer);
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
      `${label}: a dispatch of ${dispatch.join(' x ')} workgroups; each number must be a whole one from 1 to ${most}. ` +
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

// A GPUBufferBinding has `buffer`; asking for the class would need a global that Node lacks.
const isPart = (binding: Binding): binding is GPUBufferBinding => 'buffer' in binding;
const asResource = (binding: Binding): GPUBufferBinding => (isPart(binding) ? binding : { buffer: binding });

function bindingSize(binding: Binding): number {
  if (!isPart(binding)) return binding.size;
  return binding.size ?? binding.buffer.size - (binding.offset ?? 0);
}
