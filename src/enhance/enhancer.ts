import { AbortError, DeviceLostError, GlocalError, InputError } from '../errors';
import { fromDevice } from '../gpu/device';
import type { Precision } from '../gpu/kernel-call';
import { SubmitBudget } from '../gpu/submit-budget';
import type { AdapterTraits, Gpu } from '../gpu/types';
import type { KernelPolicy } from '../kernels/policy';
import { withPolicy } from '../kernels/tuned-gpu';
import type { FoldableConfig } from '../model/model-config';
import type { ToneCurve } from '../photo/finish';
import { checkEncoding, type PhotoFormat } from '../photo/format';
import type { CheckedImage, EnhancedImage, RasterImage, Samples } from '../photo/image';
import { codecOf } from '../photo/pixel-codec';
import { BilateralModel } from './bilateral-model';
import { finishOf, pictureOf } from './finish';
import { type FoldedNetwork, readNetwork } from './folded-network';
import { globalView } from './global-view';
import { LocalGlobalModel } from './local-global-model';
import { checkOutput, imageFor, type Output, type OutputOf, present } from './outputs';
import type { PhotoModel } from './photo-model';
import type { Platform } from './platform';
import { type ImageSource, openSource, type PageImage } from './sources';
import { web } from './web-platform';

export interface EnhancerOptions {
  /**
   * The name of a model of this package (`nano`), the address of a weight file (in Node also its path), or the
   * bytes of one.
   */
  readonly model: string | URL | Uint8Array | ArrayBuffer;
  /** A device to compute on. It stays the caller's: it is not destroyed, and not replaced when it is lost. */
  readonly device?: GPUDevice;
  /** The same, as `openGpu` or `openNodeGpu` gave it. Without either the enhancer opens a device of its own. */
  readonly gpu?: Gpu;
  /**
   * Of weights and activations in memory; sums are single precision in any case. `f16` halves what is read and
   * written and needs the device feature `shader-f16`. Default: `f32`.
   */
  readonly precision?: Precision;
  /**
   * Side in pixels of the square whose area a tile may have at most. `auto`: as the device's limits and a
   * memory budget allow. The result is the same to the bit. Default: `auto`.
   */
  readonly tile?: number | 'auto';
  /**
   * How kernels are chosen. Any policy gives right results; a good one is quicker. Default: in Node what
   * `glocal bench tune` measured on the adapter; otherwise what ships for such an adapter (`policyFor`).
   */
  readonly policy?: KernelPolicy;
  /** What messages call the weights. Default: the name or address, if there is one. */
  readonly modelName?: string;
}

/** How a photo is enhanced. */
export interface EnhanceOptions {
  /** 0: the photo as it is; 1: the network's picture; between: a mix. Default: 1. */
  readonly strength?: number;
  /** Every pixel keeps the hue it has; see `hue.ts`. Default: false. */
  readonly keepHue?: boolean;
  /**
   * Black point, white point and brightness of the network's picture are set as a person would, for the whole photo
   * and only as far as the network changed it; see `finish.ts`. Default: false, as networks that learnt from finished
   * targets finish by themselves.
   */
  readonly finish?: boolean;
  /** Stops the run within one submit: some tens of milliseconds of the device's work. */
  readonly signal?: AbortSignal;
  /** Gets the share that is done, rising to 1. */
  readonly onProgress?: (fraction: number) => void;
}

export interface RunOptions extends EnhanceOptions {
  /**
   * What to give: numbers as 32-bit floats, an `ImageData`, an `ImageBitmap`, a file as a `Blob`, or a canvas that then
   * shows the result. Default: numbers in the form of the source.
   */
  readonly output?: Output;
  /** Of a `Blob`. Default: that of the photo, where it can be written; else JPEG, or PNG with transparency. */
  readonly format?: PhotoFormat;
  /** Of a `Blob` of JPEG or WebP, 1 to 100. Default: 92. */
  readonly quality?: number;
}

/** How much smaller submits and tiles become with each device that is lost. */
const LOSS_SHRINK = 4;

/** What `create` puts together. */
interface Parts {
  readonly network: FoldedNetwork<FoldableConfig>;
  readonly tile: number | 'auto';
  readonly precision: Precision;
  readonly gpu: Gpu;
  /** Opens another device; absent when the caller brought the first. */
  readonly reopen: (() => Promise<Gpu>) | undefined;
  readonly platform: Platform;
}

/**
 * Enhances photos by a local-global network (Kinoshita and Kiya 2019) or a bilateral-grid one. One instance holds the weights and the
 * compiled programs; runs queue up behind each other. The same photo, weights and device give the same bytes.
 */
export class Enhancer {
  /** Where devices and weights come from. */
  static readonly platform: Platform = web;

  readonly #parts: Parts;
  #gpu: Gpu;
  #model: PhotoModel;
  #queue: Promise<unknown> = Promise.resolve();
  #disposed = false;
  /** Devices that were lost. */
  #losses = 0;

  /**
   * @throws {InputError} when the weights are not found, or an option makes no sense.
   * @throws {WeightsError} when the weight file is damaged or of another configuration.
   * @throws {AdapterError} when there is no device to open, or it cannot do the precision.
   */
  static async create(options: EnhancerOptions): Promise<Enhancer> {
    // biome-ignore lint/complexity/noThisInStatic: a subclass brings its own platform.
    const { platform } = this;
    const { model, device, gpu, policy, precision = 'f32', tile = 'auto' } = checkOptions(options);
    if (precision !== 'f32' && precision !== 'f16') {
      throw new InputError(`precision is «${precision}». Give «f32» or «f16».`);
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
  }

  /** The adapter that computes. */
  get adapter(): AdapterTraits {
    return this.#gpu.traits;
  }

  /** Bytes of device memory that are held now: weights, and the tensors of a tile. */
  get deviceBytes(): number {
    return this.#model.deviceBytes;
  }

  /**
   * Enhances an image of any size from 1 x 1; alpha is kept, the given image untouched. Numbers come back with the
   * channels, depth and colour space that they had; a photo from a file comes back upright, and as a `Blob` with its
   * metadata. After a lost device the next run opens another one, unless the caller brought the first.
   *
   * @throws {InputError} for an image or option that cannot be used, or after `dispose`.
   * @throws {AbortError} when the signal stops it.
   * @throws {MemoryError} when the device cannot hold even the smallest tile.
   * @throws {DeviceLostError} when the device is lost meanwhile.
   * @throws {UnfinishedError} when the device dropped work without a word. The next run may succeed.
   * @throws {WeightsError} when values grow beyond what half precision holds.
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
    const opening = openSource(source, this.#parts.platform);
    const opened = opening instanceof Promise ? await opening : opening;
    const image = imageFor(options.output, opened.image);
    this.#check(options.signal);
    const turn = this.#queue.then(() => this.#enhance(image, { strength: 1, ...options }));
    this.#queue = turn.catch(() => undefined);
    return present(await turn, options.output, opened, encodingOf(options));
  }

  /**
   * Gives everything back, the device included if it is the enhancer's own; resolves when that is done. A run in
   * progress is stopped.
   */
  async dispose(): Promise<void> {
    const isFirst = !this.#disposed;
    this.#disposed = true;
    await this.#queue;
    if (!isFirst) return;
    this.#model.destroy();
    if (this.#parts.reopen) this.#gpu.destroy();
  }

  async #enhance(
    image: CheckedImage,
    options: EnhanceOptions & { strength: number },
  ): Promise<EnhancedImage> {
    this.#check(options.signal);
    const result = copyOf(image.data);
    if (options.strength > 0) {
      await this.#revive();
      try {
        await this.#fill(result, image, options);
      } catch (error) {
        throw this.#gpu.isLost ? asLost(error) : error;
      }
    }
    options.onProgress?.(1);
    return { ...image, data: result };
  }

  /** A fresh device in place of a lost one, with smaller submits and tiles. */
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
    // It may have been lost over work that took too long: drivers reset a device that seems to hang.
    const shrink = LOSS_SHRINK ** ++this.#losses;
    SubmitBudget.of(this.#gpu).shrink(shrink);
    this.#model = modelOn(this.#gpu, this.#parts, shrink);
  }

  async #fill(
    result: Samples,
    image: CheckedImage,
    { strength, keepHue = false, finish = false, signal, onProgress }: EnhanceOptions & { strength: number },
  ): Promise<void> {
    let reported = 0;
    const codec = codecOf(image);
    const check = () => this.#check(signal);
    const packed = await this.#model.pack(image, codec);
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
          // After memory ran out the work begins anew, but what was reported stands.
          if (done > reported && done < 1) onProgress?.(done);
          reported = Math.max(reported, done);
        },
      });
    } finally {
      packed?.destroy();
    }
  }

  /** The curve that finishes a photo, from what the network makes of its view. */
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

/** What TypeScript does not keep out of a program in JavaScript. */
function checkOptions(options: EnhancerOptions): EnhancerOptions {
  if (typeof options !== 'object' || options === null)
    throw new InputError("The enhancer needs options, for example { model: 'nano' }.");
  const { model, device, gpu, policy } = options;
  const isModel =
    typeof model === 'string' ||
    model instanceof URL ||
    model instanceof Uint8Array ||
    model instanceof ArrayBuffer;
  if (!isModel) {
    throw new InputError('model must be a name, an address, or the bytes of a weight file.');
  }
  if (device !== undefined && typeof device?.createComputePipelineAsync !== 'function')
    throw new InputError('device is no GPUDevice. Pass what requestDevice gave, or leave it out.');
  if (gpu !== undefined && typeof gpu?.destroy !== 'function')
    throw new InputError('gpu is none that openGpu gave. Pass such a one, or leave it out.');
  if (
    policy !== undefined &&
    !(Array.isArray(policy?.gather) && Array.isArray(policy.weightGradient) && policy.streaming)
  )
    throw new InputError('policy is no policy of kernels. Pass what policyFor gave, or leave it out.');
  return options;
}

type NumbersOptions = RunOptions & { readonly output?: undefined };

function checkRunOptions(options: RunOptions): void {
  if (typeof options !== 'object' || options === null)
    throw new InputError('The options of a run must be an object.');
  const { strength = 1, signal, onProgress, output, format, quality } = options;
  if (typeof strength !== 'number' || !(strength >= 0 && strength <= 1)) {
    throw new InputError(`strength is ${String(strength)}. Give a number from 0 (the photo as it is) to 1.`);
  }
  if (signal !== undefined && !(signal instanceof AbortSignal))
    throw new InputError('signal is no AbortSignal. Pass the signal of an AbortController, or leave it out.');
  if (onProgress !== undefined && typeof onProgress !== 'function')
    throw new InputError(
      'onProgress is no function. Pass one that takes the share that is done, or leave it out.',
    );
  checkOutput(output);
  checkEncoding(format, quality);
}

const encodingOf = ({ format, quality }: RunOptions) => ({
  ...(format !== undefined && { format }),
  ...(quality !== undefined && { quality }),
});

/** Puts a network on a device. */
function modelOn(gpu: Gpu, { network, tile, precision }: Omit<Parts, 'gpu'>, shrink = 1): PhotoModel {
  const { config, weights } = network;
  if (config.kind === 'bilateral-grid') {
    return new BilateralModel(gpu, { config, weights }, tile, precision, shrink);
  }
  return new LocalGlobalModel(gpu, { config, weights }, tile, precision, shrink);
}

const copyOf = (data: Samples): Uint8ClampedArray<ArrayBuffer> | Uint16Array<ArrayBuffer> =>
  data instanceof Uint16Array ? new Uint16Array(data) : new Uint8ClampedArray(data);

/** Work on a lost device fails in many ways; what the caller must know is the loss. */
function asLost(error: unknown): unknown {
  const isOwn =
    error instanceof DeviceLostError || error instanceof AbortError || error instanceof InputError;
  if (isOwn) return error;
  const detail = error instanceof GlocalError ? ` (${error.message})` : '';
  return new DeviceLostError(`The device was lost in the middle of a photo${detail}. Try again.`, {
    cause: error,
  });
}
