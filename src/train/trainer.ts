import { WeightsError } from '../errors';
import { describe } from '../gpu/device';
import type { Gpu } from '../gpu/types';
import type { ProgramMemory } from '../graph';
import { type ModelConfig, modelParameters } from '../model/model-config';
import type { StateDict } from '../model/state-dict';
import { type LossName, trainable } from '../model/trainable';
import { encodeWeights } from '../model/weights';
import type { Batch, PairPixels } from './batch';
import { requireStepFits } from './fit';
import { measureNormStatistics } from './norm-statistics';
import { TrainingProgram } from './training-program';
import { type SeeOutput, Validator } from './validator';

export interface TrainerOptions {
  readonly network: ModelConfig;
  readonly batch: number;
  /** Side of the patches in pixels. */
  readonly size: number;
  readonly accumulate?: number | undefined;
  /** Seed of the initial weights. */
  readonly seed: number;
  /** Default: the network's own. */
  readonly loss?: LossName | undefined;
  /** Side of the validation images in pixels. */
  readonly validationSize: number;
}

/**
 * The training program on one device: forward, loss, backward and Adam in one recorded list.
 * Knows nothing of files, workers or schedules, so it is the same in a page and in Node.
 */
export class Trainer {
  /** The adapter in words. */
  readonly adapter: string;
  readonly #gpu: Gpu;
  readonly #options: TrainerOptions;
  readonly #training: TrainingProgram;
  readonly #validator: Validator;

  /**
   * Builds and compiles the program and writes the initial weights.
   *
   * @throws MemoryError naming the largest step that fits, if this one does not.
   */
  static async create(gpu: Gpu, options: TrainerOptions): Promise<Trainer> {
    requireStepFits(gpu.traits, options);
    const training = await TrainingProgram.compile(gpu, options);
    const trainer = new Trainer(gpu, options, training);
    training.load(trainable(options.network).initialWeights(options.seed));
    return trainer;
  }

  private constructor(gpu: Gpu, options: TrainerOptions, training: TrainingProgram) {
    this.adapter = describe(gpu.traits);
    this.#gpu = gpu;
    this.#options = options;
    this.#training = training;
    this.#validator = new Validator(gpu, options.network, options.validationSize);
  }

  /** What the training program holds on the device. */
  get memory(): ProgramMemory {
    return this.#training.program.memory;
  }

  /** Operations of a step, a multiply-add being two, as its kernels do them. */
  get flops(): number {
    return this.#training.flops;
  }

  /**
   * Submits one update and returns at once.
   * @param schedule what `stepSchedule` says for the step.
   */
  step(batch: Batch, schedule: Float32Array): void {
    this.#training.step(batch, schedule);
  }

  /** The loss of the step submitted last. The read is queued before this returns. */
  async loss(): Promise<number> {
    const [value] = await this.#training.program.read(this.#training.loss);
    return value!;
  }

  /** Every variable (weights, running statistics, Adam's moments): what an exact resume needs. */
  readState(): Promise<StateDict> {
    return this.#read(this.#training.variables);
  }

  /** Puts a state from `readState` back; constants of the graph need not be in it. */
  writeState(state: StateDict): void {
    const missing = this.#training.variables.find(
      ({ name, value }) => value === undefined && !state.has(name),
    );
    if (missing)
      throw new WeightsError(`The checkpoint lacks ${missing.name}; training cannot go on from it.`);
    this.#training.load(state);
  }

  /** Weights and running statistics, as a network for inference needs them. */
  async readWeights(): Promise<StateDict> {
    const { network } = this.#options;
    return trainable(network).finished(await this.#read(modelParameters(network)));
  }

  /** The weights as a file that `glocal enhance --model` takes. `info` goes into its metadata. */
  async weightFile(info: Readonly<Record<string, number | string>> = {}): Promise<Uint8Array<ArrayBuffer>> {
    return encodeWeights(await this.readWeights(), this.#options.network, info);
  }

  /**
   * Measures the statistics of all batch norms over these batches together and puts them in place of the running ones.
   */
  async measureStatistics(batches: AsyncIterable<Batch>): Promise<void> {
    const { network, batch, size, accumulate = 1 } = this.#options;
    const inputs = inParts(batches, accumulate);
    const part = { batch: batch / accumulate, size };
    this.#training.load(
      await measureNormStatistics(this.#gpu, network, await this.readWeights(), part, inputs),
    );
  }

  /** Mean PSNR in dB of the network with running statistics over the pairs. */
  async validate(pairs: readonly PairPixels[], see?: SeeOutput): Promise<number> {
    return this.#validator.meanPsnr(await this.readWeights(), pairs, see);
  }

  destroy(): void {
    this.#training.destroy();
    this.#validator.destroy();
  }

  async #read(wanted: readonly { name: string; shape: readonly number[] }[]): Promise<StateDict> {
    const read = async ({ name, shape }: { name: string; shape: readonly number[] }) =>
      [name, { shape, data: await this.#training.program.read(name) }] as const;
    return new Map(await Promise.all(wanted.map(read)));
  }
}

async function* inParts(batches: AsyncIterable<Batch>, parts: number): AsyncGenerator<Float32Array> {
  for await (const { input } of batches) {
    const length = input.length / parts;
    for (let part = 0; part < parts; part++) yield input.subarray(part * length, (part + 1) * length);
  }
}
