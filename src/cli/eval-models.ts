import { Enhancer } from '../enhance/enhancer';
import { loadModel } from '../enhance/models-node';
import { codecOf } from '../enhance/pixel-codec';
import { readWindow } from '../enhance/pixels';
import { InputError, WeightsError } from '../errors';
import type { RgbImage } from '../eval/image';
import type { Gpu } from '../gpu/types';
import { Graph, Program, type SymbolicTensor } from '../graph';
import { sizeMultiple } from '../model/model-config';
import { trainable } from '../model/trainable';
import { decodeWeights, type Weights, writeState } from '../model/weights';

/** A model to be measured, as `--model` names it. */
export interface ModelChoice {
  /** Heads its column. */
  readonly title: string;
  /** A model of this package, or a path. */
  readonly source: string;
}

/** A model with its file read. */
export interface ModelFile extends ModelChoice {
  readonly bytes: Uint8Array;
  readonly weights: Weights;
}

/** A model ready to run on 8-bit pictures of any size. */
export interface PictureModel {
  run(image: RgbImage): Promise<RgbImage>;
  dispose(): void | Promise<void>;
}

/**
 * Reads the files of models.
 *
 * @throws InputError or WeightsError naming the file that cannot be used, or a title that stands twice.
 */
export async function readModels(choices: readonly ModelChoice[]): Promise<ModelFile[]> {
  const twice = choices.find(({ title }, k) => choices.findIndex((other) => other.title === title) < k);
  if (twice) {
    throw new InputError(
      `Two models are called «${twice.title}». Give each its own title: --model title=${twice.source}.`,
    );
  }
  return Promise.all(
    choices.map(async (choice) => {
      const bytes = await loadModel(choice.source);
      return { ...choice, bytes, weights: decodeWeights(bytes, choice.source) };
    }),
  );
}

/** Whether it is the network of the paper's Figure 5. */
export const lacksGlobalEncoder = ({ weights: { config } }: ModelFile): boolean =>
  config.kind === 'local-global' && !config.globalEncoder;

/** A local-global network runs as for users, any other through the graph. */
export async function openModel(gpu: Gpu, { source, bytes, weights }: ModelFile): Promise<PictureModel> {
  if (weights.config.kind !== 'local-global') return new GraphModel(gpu, source, weights);
  const enhancer = await Enhancer.create({ gpu, model: bytes, modelName: source });
  return {
    async run({ width, height, data }) {
      const enhanced = await enhancer.run({ data, width, height, channels: 3 });
      return { width, height, data: new Uint8Array(enhanced.data) };
    },
    dispose: () => enhancer.dispose(),
  };
}

/** A network as a whole, one program for each size; pictures are mirrored beyond right and bottom to fit. */
class GraphModel implements PictureModel {
  readonly #gpu: Gpu;
  readonly #name: string;
  readonly #weights: Weights;
  readonly #programs = new Map<string, Promise<{ program: Program; output: SymbolicTensor }>>();

  constructor(gpu: Gpu, name: string, weights: Weights) {
    this.#gpu = gpu;
    this.#name = name;
    this.#weights = weights;
  }

  async run({ width, height, data }: RgbImage): Promise<RgbImage> {
    const multiple = sizeMultiple(this.#weights.config);
    // Twice the multiple at least: norms by the image at hand need more than one value at the bottom.
    const padded = (side: number) => Math.max(Math.ceil(side / multiple), 2) * multiple;
    const [wide, tall] = [width, height].map(padded) as [number, number];
    const { program, output } = await this.#program(wide, tall);
    const image = { data, width, height, channels: 3 } as const;
    const window = { rows: { start: 0, end: tall }, columns: { start: 0, end: wide } };
    program.write('input', readWindow(image, codecOf(image), window));
    program.run();
    return { width, height, data: this.#toPixels(await program.read(output), { width, height, wide, tall }) };
  }

  async dispose(): Promise<void> {
    for (const compiled of this.#programs.values()) (await compiled).program.destroy();
    this.#programs.clear();
  }

  /** Clipped to [0, 1] and rounded to 8 bits. */
  #toPixels(
    planes: Float32Array,
    { width, height, wide, tall }: { width: number; height: number; wide: number; tall: number },
  ): Uint8Array {
    const pixels = new Uint8ClampedArray(3 * width * height);
    for (let y = 0; y < height; y++) {
      for (let x = 0; x < width; x++) {
        for (let c = 0; c < 3; c++) {
          const value = planes[(c * tall + y) * wide + x]!;
          if (Number.isNaN(value)) {
            throw new WeightsError(
              `${this.#name} makes values that are not numbers. Its training went wrong; use another.`,
            );
          }
          pixels[3 * (y * width + x) + c] = 255 * value;
        }
      }
    }
    return new Uint8Array(pixels.buffer);
  }

  #program(width: number, height: number) {
    const key = `${width} x ${height}`;
    let compiled = this.#programs.get(key);
    if (!compiled) {
      compiled = this.#compile(width, height);
      this.#programs.set(key, compiled);
    }
    return compiled;
  }

  async #compile(width: number, height: number) {
    const graph = new Graph();
    const input = graph.input('input', [1, 3, height, width]);
    const { output } = trainable(this.#weights.config).build(graph, input, 'inference');
    const program = await Program.compile(this.#gpu, graph, { fetch: [output] });
    writeState(program, this.#weights.state);
    return { program, output };
  }
}
