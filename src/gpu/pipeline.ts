import { AdapterError, DeviceLostError, ShaderError } from '../errors';
import { inHalf } from './half-precision';
import type { KernelSource, Precision } from './kernel-call';
import { setConstants } from './shader-constants';
import type { Gpu } from './types';

/** Lines shown on either side of a compile error. */
const CONTEXT_LINES = 2;

/** Receives the number of compiled pipelines, and of all that were requested. */
type CompileWatcher = (compiled: number, total: number) => void;

/**
 * The compute pipelines of one device, created once per code, constants and entry point. Concurrent requests share a
 * pipeline being created, so the pipelines of a whole graph can be requested at once and compile in parallel.
 */
export class PipelineCache {
  static readonly #ofDevice = new WeakMap<GPUDevice, PipelineCache>();
  readonly #pipelines = new Map<string, Promise<GPUComputePipeline>>();
  readonly #watchers = new Set<CompileWatcher>();
  /** Since nothing was being compiled. */
  #requested = 0;
  #settled = 0;

  /** The device's only cache. */
  static of(gpu: Gpu): PipelineCache {
    const known = PipelineCache.#ofDevice.get(gpu.device);
    const cache = known ?? new PipelineCache(gpu);
    if (!known) PipelineCache.#ofDevice.set(gpu.device, cache);
    return cache;
  }

  private constructor(readonly gpu: Gpu) {}

  /**
   * @param precision of tensors and arithmetic.
   * @throws {ShaderError} for an unknown constant, or for code that does not compile, quoting its lines.
   * @throws {AdapterError} when the kernel needs a feature that the device lacks.
   */
  async get(
    kernel: KernelSource,
    constants: Readonly<Record<string, number>>,
    precision: Precision = 'f32',
  ): Promise<GPUComputePipeline> {
    const { features = [] } = kernel;
    for (const feature of precision === 'f32' ? features : [...features, 'shader-f16' as const]) {
      if (!this.gpu.device.features.has(feature)) {
        throw new AdapterError(
          `The kernel ${kernel.name} needs the feature ${feature}, which this device lacks.`,
        );
      }
    }
    const single = setConstants(kernel.name, kernel.code, constants);
    const code = precision === 'f32' ? single : inHalf(kernel.name, single, precision);
    const key = `${kernel.entryPoint ?? ''}\n${code}`;
    let pipeline = this.#pipelines.get(key);
    if (!pipeline) {
      pipeline = this.#create(kernel, code);
      this.#pipelines.set(key, pipeline);
      pipeline.catch(() => this.#pipelines.delete(key));
      this.#count(pipeline);
    }
    return pipeline;
  }

  /**
   * Reports how many pipelines are compiled of those requested: at once if some are being compiled, and at every change.
   *
   * @returns ends the reports.
   */
  watch(watcher: CompileWatcher): () => void {
    this.#watchers.add(watcher);
    if (this.#settled < this.#requested) watcher(this.#settled, this.#requested);
    return () => this.#watchers.delete(watcher);
  }

  #count(pipeline: Promise<unknown>): void {
    if (this.#settled === this.#requested) [this.#settled, this.#requested] = [0, 0];
    this.#requested++;
    this.#report();
    const settle = () => {
      this.#settled++;
      this.#report();
    };
    pipeline.then(settle, settle);
  }

  #report(): void {
    for (const watcher of this.#watchers) watcher(this.#settled, this.#requested);
  }

  async #create(kernel: KernelSource, code: string): Promise<GPUComputePipeline> {
    const { device } = this.gpu;
    // The scope prevents a second report of the compile error, without its lines.
    device.pushErrorScope('validation');
    const module = device.createShaderModule({ label: kernel.name, code });
    const scope = device.popErrorScope();
    scope.catch(() => {}); // On a lost device this rejects well before the pipeline, whose error names the loss.
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

/** `12:7 unresolved value 'foo'`, followed by the surrounding lines with a caret below the position. */
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
