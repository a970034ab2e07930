import { AbortError, DeviceLostError, GlocalError, InputError } from '../errors';
import { fromDevice } from '../gpu/device';
import { PRECISIONS, type Precision } from '../gpu/kernel-call';
import { PipelineCache } from '../gpu/pipeline';
import { SubmitBudget } from '../gpu/submit-budget';
import type { AdapterTraits, Gpu } from '../gpu/types';
import type { KernelPolicy } from '../kernels/policy';
import { policyOf, withPolicy } from '../kernels/tuned-gpu';
import type { FoldableConfig } from '../model/model-config';
import type { ToneCurve } from '../photo/finish';
import type { CheckedImage, EnhancedImage, RasterImage, Samples } from '../photo/image';
import { codecOf } from '../photo/pixel-codec';
import { BilateralModel } from './bilateral-model';
import {
  checkOptions,
  checkRunOptions,
  type EnhanceOptions,
  type EnhancerOptions,
  encodingOf,
  type RunOptions,
} from './enhancer-options';
import { finishOf, pictureOf } from './finish';
import { type FoldedNetwork, readNetwork } from './folded-network';
import { globalView } from './global-view';
import { LocalGlobalModel } from './local-global-model';
import { imageFor, type Output, type OutputOf, present } from './outputs';
import type { PhotoModel } from './photo-model';
import type { Platform } from './platform';
import { type ImageSource, openSource, type PageImage } from './sources';
import { web } from './web-platform';

/** Divides the size of submits and tiles each time a device is lost. */
const LOSS_SHRINK = 4;

/** The parts that `create` assembles. */
interface Parts {
  readonly network: FoldedNetwork<FoldableConfig>;
  readonly tile: number | 'auto';
  readonly precision: Precision;
  readonly gpu: Gpu;
  /** Opens another device; absent if the caller provided the device. */
  readonly reopen: (() => Promise<Gpu>) | undefined;
  readonly platform: Platform;
}

/**
 * Enhances photos with a local-global network (Kinoshita and Kiya 2019) or a bilateral-grid network. An instance
 * holds the weights and the compiled programs; its runs are queued. The same photo, weights and device give the same
 * bytes.
 */
export class Enhancer {
  /** Provides devices, weights and photo files. */
  static readonly platform: Platform = web;

  readonly #parts: Parts;
  #gpu: Gpu;
  #model: PhotoModel;
  #queue: Promise<unknown> = Promise.resolve();
  #disposed = false;
  /** Number of devices lost so far. */
  #losses = 0;

  /**
   * Opens the device, reads the weights and starts compiling the kernels.
   *
   * @throws {InputError} when the weights are not found, or an option is invalid.
   * @throws {WeightsError} when the weight file is damaged or has another configuration.
   * @throws {AdapterError} when no device can be opened, or it lacks the precision.
   */
  static async create(options: EnhancerOptions): Promise<Enhancer> {
    // biome-ignore lint/complexity/noThisInStatic: a subclass brings its own platform.
    const { platform } = this;
    const { model, device, gpu, policy, precision = 'f32', tile = 'auto' } = checkOptions(options);
    if (!PRECISIONS.includes(precision)) {
      throw new InputError(`precision is "${precision}". Give "f32", "f16" or "f16-arithmetic".`);
    }
    if (device && gpu) throw new InputError('Both device and gpu were given. Give one of them.');
    const isAddress = typeof model === 'string' || model instanceof URL;
    const name = options.modelName ?? (isAddress ? String(model) : 'The weight file');
    const bytes = isAddress ? await platform.loadModel(model) : new Uint8Array(model);
    const network = readNetwork(bytes, name);
    const brought = device ? fromDevice(device) : gpu;
    const tuned = (plain: Gpu) => (policy ? withPolicy(plain, policy) : plain);
    const reopen = brought ? undefined : async () => tuned(await platform.openGpu());
    const opened = brought ? tuned(brought) : await platform.openGpu().then(tuned);
    try {
      return new this({ network, tile, precision, gpu: opened, reopen, platform });
    } catch (error) {
      if (!brought) opened.destroy();
      throw error;
    }
  }

  protected constructor(parts: Parts) {
    this.#parts = parts;
    this.#gpu = parts.gpu;
    this.#model = modelOn(parts.gpu, parts);
    warmUp(this.#model);
  }

  /** The adapter in use. */
  get adapter(): AdapterTraits {
    return this.#gpu.traits;
  }

  /** Bytes of device memory in use: weights, and the tensors of a tile. */
  get deviceBytes(): number {
    return this.#model.deviceBytes;
  }

  /**
   * Enhances an image of any size from 1 x 1. Alpha is kept, and the given image is not modified, unless `inPlace`
   * allows it. Numeric results have the channels, depth and colour space of the source; a photo file becomes upright,
   * and as a `Blob` keeps its metadata. After a lost device the next run opens another, unless the caller provided the
   * device.
   *
   * @throws {InputError} for an invalid image or option, or after `dispose`.
   * @throws {AbortError} when the signal aborts.
   * @throws {MemoryError} when the device cannot hold even the smallest tile.
   * @throws {DeviceLostError} when the device is lost during the run.
   * @throws {UnfinishedError} when the device silently dropped work. The next run may succeed.
   * @throws {WeightsError} when values exceed the range of half precision.
   */
  run<O extends Output>(
    source: ImageSource,
    options: RunOptions & { readonly output: O },
  ): Promise<OutputOf<O>>;
  run(
    source: RasterImage<Uint16Array>,
    options?: NumbersOptions,
  ): Promise<EnhancedImage<Uint16Array<ArrayBuffer>>>;
  run(
    source: RasterImage<Uint8ClampedArray | Uint8Array> | PageImage,
    options?: NumbersOptions,
  ): Promise<EnhancedImage<Uint8ClampedArray<ArrayBuffer>>>;
  run(source: ImageSource, options?: NumbersOptions): Promise<EnhancedImage>;
  run(source: ImageSource, options?: RunOptions): Promise<EnhancedImage | OutputOf<Output>>;
  async run(source: ImageSource, options: RunOptions = {}): Promise<EnhancedImage | OutputOf<Output>> {
    checkRunOptions(options);
    this.#check(options.signal);
    const opening = openSource(source, this.#parts.platform, options.inPlace);
    const opened = opening instanceof Promise ? await opening : opening;
    const image = imageFor(options.output, opened.image);
    this.#check(options.signal);
    const turn = this.#queue.then(() => this.#enhance(image, { strength: 1, ...options }));
    this.#queue = turn.catch(() => undefined);
    return present(await turn, options.output, opened, encodingOf(options));
  }

  /**
   * Requests another choice of kernels and applies it between two runs. After a device loss, the platform tunes the new
   * device.
   *
   * @param choose gets the device and the network; photos wait for it.
   */
  async tune(
    choose: (gpu: Gpu, network: FoldedNetwork<FoldableConfig>) => Promise<KernelPolicy>,
  ): Promise<void> {
    this.#check(undefined);
    const turn = this.#queue.then(async () => {
      if (this.#gpu.isLost) return;
      const policy = await choose(this.#gpu, this.#parts.network);
      if (JSON.stringify(policy) === JSON.stringify(policyOf(this.#gpu))) return;
      this.#model.destroy();
      this.#gpu = withPolicy(this.#gpu, policy);
      this.#model = modelOn(this.#gpu, this.#parts, LOSS_SHRINK ** this.#losses);
      warmUp(this.#model);
    });
    this.#queue = turn.catch(() => undefined);
    await turn;
  }

  /**
   * Releases everything, including the device if the enhancer opened it; resolves when done. Stops a run in progress.
   */
  async dispose(): Promise<void> {
    const isFirst = !this.#disposed;
    this.#disposed = true;
    await this.#queue;
    if (!isFirst) return;
    this.#model.destroy();
    if (this.#parts.reopen) this.#gpu.destroy();
  }

  /** @param image its numbers may be overwritten. */
  async #enhance(
    image: CheckedImage,
    options: EnhanceOptions & { strength: number },
  ): Promise<EnhancedImage> {
    this.#check(options.signal);
    let data = writable(image.data);
    if (options.strength > 0) {
      await this.#revive();
      const compiling = reportCompiling(this.#gpu, options.onCompile);
      try {
        data = await this.#make(image, options);
      } catch (error) {
        throw this.#gpu.isLost ? asLost(error) : error;
      } finally {
        compiling.end();
      }
      compiling.check();
    }
    options.onProgress?.(1);
    return { ...image, data };
  }

  /** Replaces a lost device, with smaller submits and tiles. */
  async #revive(): Promise<void> {
    if (!this.#gpu.isLost) return;
    const { reopen } = this.#parts;
    if (!reopen) {
      throw new DeviceLostError(
        'The device that this enhancer was given is lost. Open another one and create an enhancer with it.',
      );
    }
    this.#model.destroy();
    this.#gpu = await reopen();
    // Drivers reset a device that seems to hang, so long submits may be the reason for the loss.
    const shrink = LOSS_SHRINK ** ++this.#losses;
    SubmitBudget.of(this.#gpu).shrink(shrink);
    this.#model = modelOn(this.#gpu, this.#parts, shrink);
    warmUp(this.#model);
  }

  async #make(
    image: CheckedImage,
    { strength, keepHue = false, finish = false, signal, onProgress }: EnhanceOptions & { strength: number },
  ): Promise<EnhancedImage['data']> {
    let reported = 0;
    const codec = codecOf(image);
    const check = () => this.#check(signal);
    const packed = await this.#model.pack(image, codec);
    // A photo that is on the device as a whole is not read again, so the result can replace it here.
    const result = packed?.isWhole ? writable(image.data) : copyOf(image.data);
    try {
      const { viewSize } = this.#model;
      const view = packed ? await packed.view(viewSize, check) : globalView(image, codec, viewSize);
      await this.#model.enhance({
        image,
        codec,
        packed,
        view,
        result,
        strength,
        keepHue,
        tone: finish ? await this.#finish(view, check) : null,
        check,
        report(done) {
          // After running out of memory the work restarts, but reported progress must not go back.
          if (done > reported && done < 1) onProgress?.(done);
          reported = Math.max(reported, done);
        },
      });
      return result;
    } finally {
      packed?.destroy();
    }
  }

  /** The curve that finishes a photo, based on the network's output for its view. */
  async #finish(view: Float32Array, check: () => void): Promise<ToneCurve | null> {
    const image = pictureOf(view, this.#model.viewSize);
    const codec = codecOf(image);
    const after = image.data.slice();
    const packed = await this.#model.pack(image, codec);
    try {
      const whole = { strength: 1, keepHue: false, tone: null, check, report: () => {} };
      await this.#model.enhance({ image, codec, packed, view, result: after, ...whole });
    } finally {
      packed?.destroy();
    }
    return finishOf(image.data, after);
  }

  #check(signal: AbortSignal | undefined): void {
    if (this.#disposed) {
      throw new InputError('This enhancer was disposed of. Create another one.', { code: 'disposed' });
    }
    if (signal?.aborted) throw new AbortError('The enhancement was stopped.', { cause: signal.reason });
  }
}

type NumbersOptions = RunOptions & { readonly output?: undefined };

/** Sets up a network on a device. */
function modelOn(gpu: Gpu, { network, tile, precision }: Omit<Parts, 'gpu'>, shrink = 1): PhotoModel {
  const { config, weights } = network;
  if (config.kind === 'bilateral-grid') {
    return new BilateralModel(gpu, { config, weights }, tile, precision, shrink);
  }
  return new LocalGlobalModel(gpu, { config, weights }, tile, precision, shrink);
}

/** Starts compiling all kernels at once, so that the first photo only waits for the slowest. */
function warmUp(model: PhotoModel): void {
  model.warmUp().catch(() => {}); // A run that needs a faulty kernel reports it.
}

const copyOf = (data: Samples): EnhancedImage['data'] =>
  data instanceof Uint16Array ? new Uint16Array(data) : new Uint8ClampedArray(data);

/** The same numbers, which may be overwritten. */
function writable(data: Samples): EnhancedImage['data'] {
  // Shared memory cannot become an ImageData.
  if (!(data.buffer instanceof ArrayBuffer)) return copyOf(data);
  return data instanceof Uint16Array
    ? (data as Uint16Array<ArrayBuffer>)
    : new Uint8ClampedArray(data.buffer, data.byteOffset, data.length);
}

/** Work on a lost device fails in many ways; the caller needs to know about the loss. */
function asLost(error: unknown): unknown {
  const isOwn =
    error instanceof DeviceLostError || error instanceof AbortError || error instanceof InputError;
  if (isOwn) return error;
  const detail = error instanceof GlocalError ? ` (${error.message})` : '';
  return new DeviceLostError(`The device was lost in the middle of a photo${detail}. Try again.`, {
    cause: error,
  });
}

/** Reports to the caller of one run, whose own errors are kept for `check`: others wait for the same pipelines. */
function reportCompiling(gpu: Gpu, onCompile: EnhanceOptions['onCompile']) {
  let failure: { readonly error: unknown } | undefined;
  const end = PipelineCache.of(gpu).watch((compiled, total) => {
    try {
      onCompile?.(compiled, total);
    } catch (error) {
      failure ??= { error };
    }
  });
  const check = () => {
    if (failure) throw failure.error;
  };
  return { end, check };
}
