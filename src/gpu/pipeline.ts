import { AdapterError, DeviceLostError, ShaderError } from '../errors';
import type { KernelSource, Precision } from './kernel-call';
import { setConstants } from './shader-constants';
import { storedAsHalf } from './stored-type';
import type { Gpu } from './types';

/** Lines shown on either side of a compile error. */
const CONTEXT_LINES = 2;

/**
 * The compute pipelines of one device, each made once per code, constants and entry point. Requests that come while one is
 * being made share it, so a whole graph's pipelines can be asked for at once and compile in parallel.
 */
export class PipelineCache {
  static readonly #ofDevice = new WeakMap<GPUDevice, PipelineCache>();
  readonly #pipelines = new Map<string, Promise<GPUComputePipeline>>();

  /** The one cache of the device. */
  static of(gpu: Gpu): PipelineCache {
    const known = PipelineCache.#ofDevice.get(gpu.device);
    const cache = known ?? new PipelineCache(gpu);
    if (!known) PipelineCache.#ofDevice.set(gpu.device, cache);
    return cache;
  }

  private constructor(readonly gpu: Gpu) {}

  /**
   * @param precision of the tensors in memory.
   * @throws {ShaderError} on an unknown constant or code that does not compile, with its lines.
   * @throws {AdapterError} when the kernel needs a feature that the device lacks.
   */
  async get(
    kernel: KernelSource,
    constants: Readonly<Record<string, number>>,
    precision: Precision = 'f32',
  ): Promise<GPUComputePipeline> {
    const { features = [] } = kernel;
    for (const feature of precision === 'f16' ? [...features, 'shader-f16' as const] : features) {
      if (!this.gpu.device.features.has(feature)) {
        throw new AdapterError(
          `The kernel ${kernel.name} needs the feature ${feature}, which this device lacks.`,
        );
      }
    }
    const single = setConstants(kernel.name, kernel.code, constants);
    const code = precision === 'f16' ? storedAsHalf(kernel.name, single) : single;
    const key = `${kernel.entryPoint ?? ''}\n${code}`;
    let pipeline = this.#pipelines.get(key);
    if (!pipeline) {
      pipeline = this.#create(kernel, code);
      this.#pipelines.set(key, pipeline);
      pipeline.catch(() => this.#pipelines.delete(key));
    }
    return pipeline;
  }

  async #create(kernel: KernelSource, code: string): Promise<GPUComputePipeline> {
    const { device } = this.gpu;
    // The scope keeps a compile error from being reported a second time, without its lines.
    device.pushErrorScope('validation');
    const module = device.createShaderModule({ label: kernel.name, code });
    const scope = device.popErrorScope();
    scope.catch(() => {}); // A lost device rejects this long before the pipeline, whose error says so.
    try {
      const pipeline = await device.createComputePipelineAsync({
        label: kernel.name,
        layout: 'auto',
        compute: { module, ...(kernel.entryPoint !== undefined && { entryPoint: kernel.entryPoint }) },
      });
      await scope;
      return pipeline;
    } catch (cause) {
      // A lost device may fail this call before it reports the loss.
      const info = await Promise.race([module.getCompilationInfo(), this.gpu.lost]).catch(() => undefined);
      if (this.gpu.isLost)
        throw new DeviceLostError(`The device was lost while ${kernel.name} was compiled.`, { cause });
      const messages = info && 'messages' in info ? info.messages : [];
      const errors = messages.filter((message) => message.type === 'error');
      const details =
        errors.length > 0 ? errors.map((error) => explain(code, error)).join('\n') : String(cause);
      throw new ShaderError(`The kernel ${kernel.name} does not compile.\n${details}`, { cause });
    }
  }
}

type Located = Pick<GPUCompilationMessage, 'message' | 'lineNum' | 'linePos'>;

/** `12:7 unresolved value 'foo'`, followed by the lines around with a caret below the place. */
export function explain(code: string, { message, lineNum, linePos }: Located): string {
  const lines = code.split('\n');
  const shown = [`${lineNum}:${linePos} ${message}`];
  for (
    let at = Math.max(1, lineNum - CONTEXT_LINES);
    at <= Math.min(lines.length, lineNum + CONTEXT_LINES);
    at++
  ) {
    shown.push(`${String(at).padStart(5)} | ${lines[at - 1]}`);
    if (at === lineNum) shown.push(`      | ${' '.repeat(Math.max(0, linePos - 1))}^`);
  }
  return shown.join('\n');
}
