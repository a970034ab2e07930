import { WeightsError } from '../errors';
import type { AdapterTraits, Gpu } from '../gpu/types';
import { adam, Graph, gradients, mse, Program, type SymbolicTensor } from '../graph';
import type { Shape } from '../kernels/tensor';
import { balanceUpsampling } from '../model/balance';
import type { NetworkConfig } from '../model/config';
import { initialWeights } from '../model/initialise';
import { networkParameters } from '../model/layers';
import { buildNetwork } from '../model/network';
import type { StateDict } from '../model/state-dict';
import { encodeWeights } from '../model/weights';
import type { Batch, PairPixels } from './batch';
import { ADAM } from './schedule';
import { Validator } from './validator';

export interface TrainerOptions {
  readonly network: NetworkConfig;
  readonly batch: number;
  readonly patch: number;
  /** Seed of the initial weights. */
  readonly seed: number;
  /** Side of the validation images in pixels. */
  readonly validationSize: number;
}

/**
 * The training program on one device: forward, mean squared error, backward and Adam in one recorded list.
 * Knows nothing of files, workers or schedules, so it is the same in a page and in Node.
 */
export class Trainer {
  /** The adapter in words. */
  readonly adapter: string;
  readonly #options: TrainerOptions;
  readonly #program: Program;
  readonly #loss: SymbolicTensor;
  readonly #variables: readonly SymbolicTensor[];
  readonly #validator: Validator;

  /** Builds and compiles the program and writes the initial weights. */
  static async create(gpu: Gpu, options: TrainerOptions): Promise<Trainer> {
    const { network, batch, patch, seed } = options;
    const graph = new Graph();
    const shape: Shape = [batch, 3, patch, patch];
    const input = graph.input('input', shape);
    const target = graph.input('target', shape);
    const schedule = graph.input('schedule', [1, 4, 1, 1]);
    const { output, parameters } = buildNetwork(graph, input, network, { mode: 'training' });
    const loss = mse(output, target);
    const slopes = gradients(loss, parameters);
    parameters.forEach((parameter, index) => {
      adam(parameter, slopes[index]!, schedule, ADAM);
    });
    const program = await Program.compile(gpu, graph, { fetch: [loss] });
    const trainer = new Trainer(gpu, options, program, loss, graph.variables);
    trainer.#write(initialWeights(network, seed));
    return trainer;
  }

  private constructor(
    gpu: Gpu,
    options: TrainerOptions,
    program: Program,
    loss: SymbolicTensor,
    variables: readonly SymbolicTensor[],
  ) {
    this.adapter = adapterName(gpu.traits);
    this.#options = options;
    this.#program = program;
    this.#loss = loss;
    this.#variables = variables;
    this.#validator = new Validator(gpu, options.network, options.validationSize);
  }

  /**
   * Submits one update and returns at once.
   * @param schedule what `stepSchedule` says for the step.
   */
  step(batch: Batch, schedule: Float32Array): void {
    this.#program.write('input', batch.input);
    this.#program.write('target', batch.target);
    this.#program.write('schedule', schedule);
    this.#program.run();
  }

  /** The mean squared error of the step submitted last. The read is queued behind it before this returns. */
  async loss(): Promise<number> {
    const [value] = await this.#program.read(this.#loss);
    return value!;
  }

  /** Every variable: weights, running statistics, Adam's moments. What an exact resume needs. */
  readState(): Promise<StateDict> {
    return this.#read(this.#variables);
  }

  /** Puts a state from `readState` back; constants of the graph need not be in it. */
  writeState(state: StateDict): void {
    const missing = this.#variables.find(({ name, initial }) => initial === undefined && !state.has(name));
    if (missing)
      throw new WeightsError(`The checkpoint lacks ${missing.name}; training cannot go on from it.`);
    this.#write(state);
  }

  /** Weights and running statistics, as a network for inference needs them. */
  async readWeights(): Promise<StateDict> {
    const { network } = this.#options;
    return balanceUpsampling(await this.#read(networkParameters(network)), network);
  }

  /** The weights as a file that `glocal enhance --model` takes. `info` goes into its metadata. */
  async weightFile(info: Readonly<Record<string, number | string>> = {}): Promise<Uint8Array<ArrayBuffer>> {
    return encodeWeights(await this.readWeights(), this.#options.network, info);
  }

  /** Mean PSNR in dB of the network with running statistics over the pairs. */
  async validate(pairs: readonly PairPixels[]): Promise<number> {
    return this.#validator.meanPsnr(await this.readWeights(), pairs);
  }

  destroy(): void {
    this.#program.destroy();
    this.#validator.destroy();
  }

  async #read(wanted: readonly { name: string; shape: readonly number[] }[]): Promise<StateDict> {
    const read = async ({ name, shape }: { name: string; shape: readonly number[] }) =>
      [name, { shape, data: await this.#program.read(name) }] as const;
    return new Map(await Promise.all(wanted.map(read)));
  }

  #write(state: StateDict): void {
    for (const [name, { data }] of state) this.#program.write(name, data);
  }
}

/** Browsers often withhold the description. */
export function adapterName({ description, vendor, architecture, device }: AdapterTraits): string {
  return description || [vendor, architecture, device].filter((part) => part !== '').join(' ');
}
