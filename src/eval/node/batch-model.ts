import { readWindow } from '../../enhance/pixels';
import { MemoryError, WeightsError } from '../../errors';
import type { Gpu } from '../../gpu/types';
import { Graph, Program } from '../../graph';
import { sizeMultiple } from '../../model/model-config';
import { trainable } from '../../model/trainable';
import { type Weights, writeState } from '../../model/weights';
import { codecOf } from '../../photo/pixel-codec';
import type { RgbImage } from '../image';
import type { PictureModel } from './picture-model';

/** Pictures per batch: what devices with WebGPU's usual limits hold at 512 x 512 and width 8. */
const BATCH = 8;

/** The padded size of pictures. */
interface Padded {
  readonly wide: number;
  readonly tall: number;
}

/**
 * Runs a whole network on batches, for norms that use the statistics of the batch, as in DRHT, which was published
 * with batches of 32. Pictures of one size share batches, mirrored beyond right and bottom to fit.
 */
export class BatchModel implements PictureModel {
  readonly batch = BATCH;
  readonly #gpu: Gpu;
  readonly #name: string;
  readonly #weights: Weights;

  constructor(gpu: Gpu, name: string, weights: Weights) {
    this.#gpu = gpu;
    this.#name = name;
    this.#weights = weights;
  }

  /** @throws WeightsError if the weights or the results are not finite. */
  async run(images: readonly RgbImage[]): Promise<RgbImage[]> {
    // Some adapters clip NaN to one.
    for (const { data } of this.#weights.state.values())
      if (!data.every(Number.isFinite)) throw this.#broken();
    const bySize = new Map<string, number[]>();
    images.forEach((image, index) => {
      const { wide, tall } = this.#padded(image);
      const key = `${wide} x ${tall}`;
      bySize.set(key, [...(bySize.get(key) ?? []), index]);
    });
    const results = new Array<RgbImage>(images.length);
    for (const indices of bySize.values()) {
      const outputs = await this.#runBatch(indices.map((index) => images[index] as RgbImage));
      indices.forEach((index, k) => {
        results[index] = outputs[k] as RgbImage;
      });
    }
    return results;
  }

  dispose(): void {}

  /** Halves the batch until memory suffices. */
  async #runBatch(images: readonly RgbImage[]): Promise<RgbImage[]> {
    try {
      return await this.#runTogether(images);
    } catch (error) {
      if (!(error instanceof MemoryError) || images.length === 1) throw error;
      const half = Math.ceil(images.length / 2);
      return [
        ...(await this.#runBatch(images.slice(0, half))),
        ...(await this.#runBatch(images.slice(half))),
      ];
    }
  }

  async #runTogether(images: readonly RgbImage[]): Promise<RgbImage[]> {
    const padded = this.#padded(images[0] as RgbImage);
    const { wide, tall } = padded;
    const graph = new Graph();
    const input = graph.input('input', [images.length, 3, tall, wide]);
    const { output } = trainable(this.#weights.config).build(graph, input, 'inference');
    const program = await Program.compile(this.#gpu, graph, { fetch: [output] });
    try {
      writeState(program, this.#weights.state);
      const length = 3 * tall * wide;
      const planes = new Float32Array(images.length * length);
      images.forEach(({ width, height, data }, k) => {
        const image = { data, width, height, channels: 3 } as const;
        const window = { rows: { start: 0, end: tall }, columns: { start: 0, end: wide } };
        planes.set(readWindow(image, codecOf(image), window), k * length);
      });
      program.write('input', planes);
      program.run();
      const results = await program.read(output);
      return images.map((image, k) =>
        this.#toPicture(results.subarray(k * length, (k + 1) * length), image, padded),
      );
    } finally {
      program.destroy();
    }
  }

  #broken(): WeightsError {
    return new WeightsError(
      `${this.#name} computes values that are not numbers. Its training went wrong; use another.`,
    );
  }

  /** At least twice the multiple: norms need more than one value at the bottom. */
  #padded({ width, height }: RgbImage): Padded {
    const multiple = sizeMultiple(this.#weights.config);
    const roundUp = (side: number) => Math.max(Math.ceil(side / multiple), 2) * multiple;
    return { wide: roundUp(width), tall: roundUp(height) };
  }

  /** Clipped to [0, 1] and rounded to 8 bits. */
  #toPicture(planes: Float32Array, { width, height }: RgbImage, { wide, tall }: Padded): RgbImage {
    const pixels = new Uint8ClampedArray(3 * width * height);
    for (let y = 0; y < height; y++) {
      for (let x = 0; x < width; x++) {
        for (let c = 0; c < 3; c++) {
          const value = planes[(c * tall + y) * wide + x]!;
          if (Number.isNaN(value)) throw this.#broken();
          pixels[3 * (y * width + x) + c] = 255 * value;
        }
      }
    }
    return { width, height, data: new Uint8Array(pixels.buffer) };
  }
}
