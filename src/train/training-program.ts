import type { Gpu } from '../gpu/types';
import { adam, averageName, Graph, gradients, movingAverage, Program, type SymbolicTensor } from '../graph';
import type { Shape } from '../kernels/tensor';
import type { ModelConfig } from '../model/model-config';
import type { StateDict } from '../model/state-dict';
import { LOSSES, type LossName, trainable } from '../model/trainable';
import type { Batch } from './batch';
import { ADAM } from './schedule';

export interface TrainingProgramOptions {
  readonly network: ModelConfig;
  readonly batch: number;
  readonly patch: number;
  /** Default: the network's own. */
  readonly loss?: LossName | undefined;
  /** Keeps a moving average of each parameter. */
  readonly averages?: boolean;
}

/** Forward, loss, backward and Adam in one recorded list. */
export class TrainingProgram {
  private constructor(
    readonly program: Program,
    /** Loss of the step that ran last. */
    readonly loss: SymbolicTensor,
    /** All that a step reads and changes: weights, running statistics, Adam's moments. */
    readonly variables: readonly SymbolicTensor[],
  ) {}

  /** Builds and compiles it for batches of so many square patches; variables start as zeros. */
  static async compile(gpu: Gpu, options: TrainingProgramOptions): Promise<TrainingProgram> {
    const { batch, patch, averages = false } = options;
    const network = trainable(options.network);
    const graph = new Graph();
    const shape: Shape = [batch, 3, patch, patch];
    const input = graph.input('input', shape);
    const target = graph.input('target', shape);
    const schedule = graph.input('schedule', [1, 4, 1, 1]);
    const { output, parameters } = network.build(graph, input, 'training');
    const loss = LOSSES[options.loss ?? network.loss](output, target);
    const slopes = gradients(loss, parameters);
    parameters.forEach((parameter, index) => {
      adam(parameter, slopes[index]!, schedule, ADAM);
      if (averages) movingAverage(parameter, schedule);
    });
    const program = await Program.compile(gpu, graph, { fetch: [loss] });
    return new TrainingProgram(program, loss, graph.variables);
  }

  /** Puts initial values in place; moving averages begin there. */
  begin(weights: StateDict): void {
    this.load(weights);
    const kept = new Set(this.variables.map(({ name }) => name));
    for (const [name, { data }] of weights) {
      if (kept.has(averageName(name))) this.program.write(averageName(name), data);
    }
  }

  /** Puts values of variables in place; those that the state lacks stay as they are. */
  load(state: StateDict): void {
    for (const [name, { data }] of state) this.program.write(name, data);
  }

  /**
   * Submits one update and returns at once.
   * @param schedule what `stepSchedule` says for the step.
   */
  step(batch: Batch, schedule: Float32Array): void {
    this.program.write('input', batch.input);
    this.program.write('target', batch.target);
    this.program.write('schedule', schedule);
    this.program.run();
  }

  destroy(): void {
    this.program.destroy();
  }
}
