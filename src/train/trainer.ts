import { WeightsError } from '../errors';
import { describe } from '../gpu/device';
import type { Gpu } from '../gpu/types';
import { Program, type SymbolicTensor } from '../graph';
import { modelParameters } from '../model/model-config';
import type { StateDict } from '../model/state-dict';
import { trainable } from '../model/trainable';
import { encodeWeights } from '../model/weights';
import type { Batch, PairPixels } from './batch';
import { requireStepFits } from './fit';
import { measureNormStatistics } from './norm-statistics';
import { GRADIENTS, type StepOptions, type TrainingGraph, trainingGraph } from './training-graph';
import { type SeeOutput, Validator } from './validator';

export interface TrainerOptions extends StepOptions {
  /** Seed of the initial weights. Absent: everything is zero until a state is loaded. */
  readonly seed?: number;
  /** Side of the validation images in pixels. Default: that of the patches. */
  readonly validationSize?: number;
  /** Keeps the gradients of a step in memory, to be read after it. */
  readonly keepGradients?: boolean;
}

/**
 * Trains and validates a network on one device: forward, loss, backward and Adam in one recorded list. Knows nothing of
 * files, workers or schedules, so pages and Node share it.
 */
export class Trainer {
  /** Description of the adapter. */
  readonly adapter: string;
  readonly #validator: Validator;

  /**
   * Compiles the program and writes the initial weights.
   *
   * @throws MemoryError naming the largest step that fits, if this one does not.
   */
  static async create(gpu: Gpu, options: TrainerOptions): Promise<Trainer> {
    requireStepFits(gpu.traits, options);
    const step = trainingGraph(options);
    const gradients = options.keepGradients ? step.gradients : new Map<string, SymbolicTensor>();
    const program = await Program.compile(gpu, step.graph, { fetch: [step.loss, ...gradients.values()] });
    const trainer = new Trainer(gpu, options, program, { ...step, gradients });
    if (options.seed !== undefined) trainer.load(trainable(options.network).initialWeights(options.seed));
    return trainer;
  }

  private constructor(
    private readonly gpu: Gpu,
    private readonly options: TrainerOptions,
    readonly program: Program,
    private readonly tensors: Omit<TrainingGraph, 'graph'>,
  ) {
    this.adapter = describe(gpu.traits);
    this.#validator = new Validator(gpu, options.network, options.validationSize ?? options.patch);
  }

  /** Every tensor that a step changes: weights, running statistics, Adam's moments. */
  get variables(): readonly SymbolicTensor[] {
    return this.tensors.variables;
  }

  /** Gradients of the last step by parameter, if they are kept. */
  get gradients(): ReadonlyMap<string, SymbolicTensor> {
    return this.tensors.gradients;
  }

  /**
   * Operations per step as counted by its kernels; a multiply-add counts as two. The small cost of the update is counted
   * with every part.
   */
  get flops(): number {
    const { accumulate = 1 } = this.options;
    return accumulate * this.program.calls.reduce((sum, { flops }) => sum + flops, 0);
  }

  /**
   * Submits one update and returns immediately.
   * @param schedule the values of `stepSchedule` for the step.
   */
  step(batch: Batch, schedule: Float32Array): void {
    const { accumulate: parts = 1 } = this.options;
    this.program.write('schedule', schedule);
    for (let part = 0; part < parts; part++) {
      for (const [name, values] of Object.entries(batch)) {
        const length = values.length / parts;
        this.program.write(name, values.subarray(part * length, (part + 1) * length));
      }
      if (parts > 1) this.program.write('part', [0, 0, 0, 1 / (part + 1)]);
      this.program.run(part + 1 < parts ? { until: GRADIENTS } : {});
    }
  }

  /** The loss of the last submitted step. The read is queued before this returns. */
  async loss(): Promise<number> {
    const [value] = await this.program.read(this.tensors.loss);
    return value!;
  }

  /** Writes variables; those missing from the state keep their values. */
  load(state: StateDict): void {
    for (const [name, { data }] of state) this.program.write(name, data);
  }

  /** Every variable (weights, running statistics, Adam's moments), as needed for an exact resume. */
  readState(): Promise<StateDict> {
    return this.#read(this.variables);
  }

  /** Restores a state from `readState`, which need not contain the constants of the graph. */
  writeState(state: StateDict): void {
    const missing = this.variables.find(({ name, value }) => value === undefined && !state.has(name));
    if (missing)
      throw new WeightsError(`The checkpoint lacks ${missing.name}; training cannot continue from it.`);
    this.load(state);
  }

  /** Weights and running statistics for a network in inference. */
  async readWeights(): Promise<StateDict> {
    const { network } = this.options;
    return trainable(network).finished(await this.#read(modelParameters(network)));
  }

  /** The weights as a file for `glocal enhance --model`. `info` goes into its metadata. */
  async weightFile(info: Readonly<Record<string, number | string>> = {}): Promise<Uint8Array<ArrayBuffer>> {
    return encodeWeights(await this.readWeights(), this.options.network, info);
  }

  /** Measures the statistics of all batch norms over these batches together and replaces the running statistics. */
  async measureStatistics(batches: AsyncIterable<Batch>): Promise<void> {
    const { network, batch, patch, accumulate = 1 } = this.options;
    const inputs = inParts(batches, accumulate);
    const part = { batch: batch / accumulate, patch };
    this.load(await measureNormStatistics(this.gpu, network, await this.readWeights(), part, inputs));
  }

  /** Mean PSNR in dB over the pairs, using the running statistics. */
  async validate(pairs: readonly PairPixels[], see?: SeeOutput): Promise<number> {
    return this.#validator.meanPsnr(await this.readWeights(), pairs, see);
  }

  destroy(): void {
    this.program.destroy();
    this.#validator.destroy();
  }

  async #read(wanted: readonly { name: string; shape: readonly number[] }[]): Promise<StateDict> {
    const values = await this.program.readAll(wanted.map(({ name }) => name));
    return new Map(wanted.map(({ name, shape }, at) => [name, { shape, data: values[at]! }]));
  }
}

async function* inParts(batches: AsyncIterable<Batch>, parts: number): AsyncGenerator<Float32Array> {
  for await (const { input } of batches) {
    const length = input.length / parts;
    for (let part = 0; part < parts; part++) yield input.subarray(part * length, (part + 1) * length);
  }
}
