import type { Gpu } from '../gpu/types';
import { adam, Graph, gradients, movingAverage, Program, type SymbolicTensor } from '../graph';
import type { Shape } from '../kernels/tensor';
import type { ModelConfig } from '../model/model-config';
import type { StateDict } from '../model/state-dict';
import { LOSSES, type LossName, trainable } from '../model/trainable';
import type { Batch } from './batch';
import { ADAM } from './schedule';

export interface TrainingProgramOptions {
  readonly network: ModelConfig;
  readonly batch: number;
  /** Side of the patches in pixels. */
  readonly size: number;
  /**
   * Number of parts that a batch is computed in, one after the other, to save memory. Batch norm sees one at a time.
   */
  readonly accumulate?: number | undefined;
  /** Default: the network's own. */
  readonly loss?: LossName | undefined;
}

/** Forward, loss, backward and Adam in one recorded list. */
export class TrainingProgram {
  private constructor(
    readonly program: Program,
    /** Loss of the last step. */
    readonly loss: SymbolicTensor,
    /** Every tensor that a step changes: weights, running statistics, Adam's moments. */
    readonly variables: readonly SymbolicTensor[],
    /** Gradients of the last step by parameter; empty unless requested. */
    readonly gradients: ReadonlyMap<string, SymbolicTensor>,
    private readonly accumulate: number,
  ) {}

  /**
   * Compiles the program. Variables start as zeros.
   *
   * @param keepGradients keeps them in memory, to be read after a step.
   */
  static async compile(
    gpu: Gpu,
    options: TrainingProgramOptions,
    { keepGradients = false }: { readonly keepGradients?: boolean } = {},
  ): Promise<TrainingProgram> {
    const { accumulate = 1 } = options;
    const { graph, loss, variables, gradients } = trainingGraph(options);
    const kept = keepGradients ? gradients : new Map<string, SymbolicTensor>();
    const program = await Program.compile(gpu, graph, { fetch: [loss, ...kept.values()] });
    return new TrainingProgram(program, loss, variables, kept, accumulate);
  }

  /** Operations per step as counted by its kernels. The small cost of the update is counted with every part. */
  get flops(): number {
    return this.accumulate * this.program.calls.reduce((sum, { flops }) => sum + flops, 0);
  }

  /** Writes variables; those missing from the state keep their values. */
  load(state: StateDict): void {
    for (const [name, { data }] of state) this.program.write(name, data);
  }

  /**
   * Submits one update and returns immediately.
   * @param schedule the values of `stepSchedule` for the step.
   */
  step(batch: Batch, schedule: Float32Array): void {
    this.program.write('schedule', schedule);
    for (let part = 0; part < this.accumulate; part++) {
      for (const [name, values] of Object.entries(batch)) {
        const length = values.length / this.accumulate;
        this.program.write(name, values.subarray(part * length, (part + 1) * length));
      }
      if (this.accumulate > 1) this.program.write('part', [0, 0, 0, 1 / (part + 1)]);
      this.program.run(part + 1 < this.accumulate ? { until: GRADIENTS } : {});
    }
  }

  destroy(): void {
    this.program.destroy();
  }
}

/** Marks the end of the gradients, before the updates. */
const GRADIENTS = 'gradients';

/** The graph of a step, and the variables that a checkpoint must hold. */
export function trainingGraph(options: TrainingProgramOptions) {
  const { batch, size, accumulate = 1 } = options;
  const network = trainable(options.network);
  const graph = new Graph();
  const shape: Shape = [batch / accumulate, 3, size, size];
  const input = graph.input('input', shape);
  const schedule = graph.input('schedule', [1, 4, 1, 1]);
  const { output, parameters } = network.build(graph, input, 'training');
  const target = graph.input('target', shape);
  let loss = LOSSES[options.loss ?? network.loss](output, target);
  let parameterGradients = gradients(loss, parameters);
  const variables = graph.variables;
  if (accumulate > 1) {
    // A running mean over the parts, with rates 1, 1/2, 1/3, ..., restarted with every batch.
    const part = graph.input('part', [1, 4, 1, 1]);
    parameterGradients = parameterGradients.map((gradient) => movingAverage(gradient, part));
    loss = movingAverage(loss, part);
  }
  graph.mark(GRADIENTS);
  const kept = parameters.flatMap((parameter, index) => {
    const { m, v } = adam(parameter, parameterGradients[index]!, schedule, ADAM);
    return [m, v];
  });
  const byName = new Map(parameters.map(({ name }, index) => [name, parameterGradients[index]!]));
  return { graph, loss, variables: [...variables, ...kept], gradients: byName };
}
