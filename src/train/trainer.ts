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
 * Trains and validates a network on one device. Knows nothing of files, workers or schedules, so pages and Node share
 * it.
 */
export class Trainer {
  /** Description of the adapter. */
  readonly adapter: string;
  readonly #gpu: Gpu;
  readonly #options: TrainerOptions;
  readonly #training: TrainingProgram;
  readonly #validator: Validator;

  /**
   * Compiles the program and writes the initial weights.
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

  /** Device memory of the training program. */
  get memory(): ProgramMemory {
    return this.#training.program.memory;
  }

  /** Operations per step as counted by its kernels; a multiply-add counts as two. */
  get flops(): number {
    return this.#training.flops;
  }

  /**
   * Submits one update and returns immediately.
   * @param schedule the values of `stepSchedule` for the step.
   */
  step(batch: Batch, schedule: Float32Array): void {
    this.#training.step(batch, schedule);
  }

  /** The loss of the last submitted step. The read is queued before this returns. */
  async loss(): Promise<number> {
    const [value] = await this.#training.program.read(this.#training.loss);
    return value!;
  }

  /** Every variable (weights, running statistics, Adam's moments), as needed for an exact resume. */
  readState(): Promise<StateDict> {
    return this.#read(this.#training.variables);
  }

  /** Restores a state from `readState`, which need not contain the constants of the graph. */
  writeState(state: StateDict): void {
    const missing = this.#training.variables.find(
      ({ name, value }) => value === undefined && !state.has(name),
    );
    if (missing)
      throw new WeightsError(`The checkpoint lacks ${missing.name}; training cannot continue from it.`);
    this.#training.load(state);
  }

  /** Weights and running statistics for a network in inference. */
  async readWeights(): Promise<StateDict> {
    const { network } = this.#options;
    return trainable(network).finished(await this.#read(modelParameters(network)));
  }

  /** The weights as a file for `glocal enhance --model`. `info` goes into its metadata. */
  async weightFile(info: Readonly<Record<string, number | string>> = {}): Promise<Uint8Array<ArrayBuffer>> {
    return encodeWeights(await this.readWeights(), this.#options.network, info);
  }

  /** Measures the statistics of all batch norms over these batches together and replaces the running statistics. */
  async measureStatistics(batches: AsyncIterable<Batch>): Promise<void> {
    const { network, batch, size, accumulate = 1 } = this.#options;
    const inputs = inParts(batches, accumulate);
    const part = { batch: batch / accumulate, size };
    this.#training.load(
      await measureNormStatistics(this.#gpu, network, await this.readWeights(), part, inputs),
    );
  }

  /** Mean PSNR in dB over the pairs, using the running statistics. */
  async validate(pairs: readonly PairPixels[], see?: SeeOutput): Promise<number> {
    return this.#validator.meanPsnr(await this.readWeights(), pairs, see);
  }

  destroy(): void {
    this.#training.destroy();
    this.#validator.destroy();
  }

  async #read(wanted: readonly { name: string; shape: readonly number[] }[]): Promise<StateDict> {
    const values = await this.#training.program.readAll(wanted.map(({ name }) => name));
    return new Map(wanted.map(({ name, shape }, at) => [name, { shape, data: values[at]! }]));
  }
}

async function* inParts(batches: AsyncIterable<Batch>, parts: number): AsyncGenerator<Float32Array> {
  for await (const { input } of batches) {
    const length = input.length / parts;
    for (let part = 0; part < parts; part++) yield input.subarray(part * length, (part + 1) * length);
  }
}
