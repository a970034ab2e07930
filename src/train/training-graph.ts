import { adam, Graph, gradients, movingAverage, type SymbolicTensor } from '../graph';
import type { Shape } from '../kernels/tensor';
import { LOSSES, trainable } from '../model/trainable';
import type { RunConfig } from './config';
import { ADAM } from './schedule';

/** The part of a run's configuration that determines the program of a step. */
export interface StepOptions extends Pick<RunConfig, 'network' | 'batch' | 'accumulate' | 'loss'> {
  /** Side of the patches in pixels. */
  readonly patch: number;
}

/** Marks the end of the gradients, before the updates. */
export const GRADIENTS = 'gradients';

/** The graph of a step. */
export interface TrainingGraph {
  readonly graph: Graph;
  readonly loss: SymbolicTensor;
  /** What a checkpoint must hold: weights, running statistics, Adam's moments. */
  readonly variables: readonly SymbolicTensor[];
  /** Gradients by parameter. */
  readonly gradients: ReadonlyMap<string, SymbolicTensor>;
}

/** Forward, loss, backward and Adam. */
export function trainingGraph(options: StepOptions): TrainingGraph {
  const { batch, patch, accumulate = 1 } = options;
  const network = trainable(options.network);
  const graph = new Graph();
  const shape: Shape = [batch / accumulate, 3, patch, patch];
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
