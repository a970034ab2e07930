import { AbortError, InputError } from '../errors';
import type { Gpu } from '../gpu/types';
import { globalView } from './global-view';
import { checkImage, type EnhancedImage, type RgbaImage } from './image';
import { LocalGlobalModel } from './local-global-model';
import { blendCore, readWindow } from './pixels';

export interface EnhancerOptions {
  /** An open device; `openGpu` (browser) and `openNodeGpu` (Node) give one. It stays the caller's. */
  readonly gpu: Gpu;
  /** The bytes of a weight file (safetensors) of this project. */
  readonly weights: Uint8Array;
  /** What messages call the weight file. */
  readonly weightsName?: string;
  /**
   * Side in pixels of the square whose area a tile may have at most. `auto`: as the device's limits and a
   * memory budget allow. The result is the same to the bit.
   */
  readonly tile?: number | 'auto';
  /** `dispose` also destroys the device. Default: false. */
  readonly ownsGpu?: boolean;
}

export interface RunOptions {
  /** 0: the photo as it is; 1: the network's picture; between: a mix. Default: 1. */
  readonly strength?: number;
  /** Stops the run within one tile. */
  readonly signal?: AbortSignal;
  /** Gets the share that is done, rising to 1. */
  readonly onProgress?: (fraction: number) => void;
}

/**
 * Enhances photos by a local-global network (Kinoshita and Kiya 2019). One instance holds the weights and the
 * compiled programs; runs queue up behind each other. The same photo, weights and device give the same bytes.
 */
export class Enhancer {
  readonly #model: LocalGlobalModel;
  readonly #gpu: Gpu;
  readonly #ownsGpu: boolean;
  #queue: Promise<unknown> = Promise.resolve();
  #disposed = false;

  /** @throws {WeightsError} when the weight file is damaged or of another configuration. */
  static async create(options: EnhancerOptions): Promise<Enhancer> {
    const { gpu, weights, tile, weightsName, ownsGpu = false } = options;
    return new Enhancer(gpu, new LocalGlobalModel(gpu, weights, tile, weightsName), ownsGpu);
  }

  private constructor(gpu: Gpu, model: LocalGlobalModel, ownsGpu: boolean) {
    this.#gpu = gpu;
    this.#model = model;
    this.#ownsGpu = ownsGpu;
  }

  /**
   * A new image of the same size; alpha is kept, the given one untouched. Any size from 1 x 1.
   *
   * @throws {InputError} for an image or option that cannot be used, or after `dispose`.
   * @throws {AbortError} when the signal stops it.
   * @throws {MemoryError} when the device cannot hold even the smallest tile.
   * @throws {DeviceLostError} when the device is lost meanwhile.
   */
  async run(image: RgbaImage, options: RunOptions = {}): Promise<EnhancedImage> {
    checkImage(image);
    const { strength = 1 } = options;
    if (!(strength >= 0 && strength <= 1)) {
      throw new InputError(`strength is ${strength}. Give a number from 0 (the photo as it is) to 1.`);
    }
    this.#check(options.signal);
    const turn = this.#queue.then(() => this.#enhance(image, strength, options));
    this.#queue = turn.catch(() => undefined);
    return turn;
  }

  /** Gives everything back, the device included if it is the enhancer's own. A run in progress is stopped. */
  dispose(): void {
    if (this.#disposed) return;
    this.#disposed = true;
    void this.#queue.then(() => {
      this.#model.destroy();
      if (this.#ownsGpu) this.#gpu.destroy();
    });
  }

  async #enhance(
    image: RgbaImage,
    strength: number,
    { signal, onProgress }: RunOptions,
  ): Promise<EnhancedImage> {
    const { width, height } = image;
    const data = new Uint8ClampedArray(image.data);
    this.#check(signal);
    if (strength > 0) {
      const { tiles, program } = await this.#model.prepare(height, width);
      this.#check(signal);
      const feature = await this.#model.globalFeature(globalView(image, this.#model.config.globalSize));
      onProgress?.(1 / (tiles.length + 1));
      for (const [index, { window, core }] of tiles.entries()) {
        this.#check(signal);
        const planes = await program.run(readWindow(image, window), feature);
        blendCore(planes, { window, core, strength }, image, data);
        if (index < tiles.length - 1) onProgress?.((index + 2) / (tiles.length + 1));
      }
      this.#check(signal);
    }
    onProgress?.(1);
    return { data, width, height };
  }

  #check(signal: AbortSignal | undefined): void {
    if (this.#disposed) throw new InputError('This enhancer was disposed of. Create another one.');
    if (signal?.aborted) throw new AbortError('The enhancement was stopped.', { cause: signal.reason });
  }
}
