import { GraphError } from '../../errors';
import { adamStep } from '../../kernels/adam';
import { requireSameShape, requireShape } from '../../kernels/shapes';
import type { SymbolicTensor } from '../graph';
import { describe, moduleName, named } from '../names';

export interface AdamAttributes {
  readonly beta1: number;
  readonly beta2: number;
  readonly eps: number;
}

/** Running means of a parameter's gradient and its square: variables, initially zero. */
export interface AdamMoments {
  readonly m: SymbolicTensor;
  readonly v: SymbolicTensor;
}

/**
 * One step of Adam (Kingma and Ba 2015, algorithm 1) on a parameter in every run. Creates the variables
 * `<parameter>.adam.m` and `<parameter>.adam.v`. The host fills the input `schedule` [1, 4, 1, 1] with `adamSchedule`
 * before each run; all parameters share it.
 */
export function adam(
  parameter: SymbolicTensor,
  gradient: SymbolicTensor,
  schedule: SymbolicTensor,
  attributes: AdamAttributes,
): AdamMoments {
  if (parameter.kind !== 'variable') {
    throw new GraphError(`adam: ${describe(parameter)} is an ${parameter.kind}, not a variable.`);
  }
  requireSameShape('adam', named(parameter, gradient));
  requireShape('adam', named(schedule), [1, 4, 1, 1], `one value per channel of ${describe(parameter)}`);
  const { graph, name, shape, layout } = parameter;
  const m = graph.variable(`${name}.adam.m`, shape, layout);
  const v = graph.variable(`${name}.adam.v`, shape, layout);
  graph.node({
    operator: 'adam',
    label: moduleName(parameter),
    inputs: { gradient, schedule },
    outputs: {},
    updates: { parameter, m, v },
    emit: (context, tensors) => adamStep(context, tensors, attributes),
  });
  return { m, v };
}

/** Values of `schedule` for step `step` (the first is 1): rate, 1 - beta1^t, 1 - beta2^t, 0. */
export function adamSchedule(
  rate: number,
  step: number,
  { beta1, beta2 }: AdamAttributes,
): [number, number, number, number] {
  return [rate, 1 - beta1 ** step, 1 - beta2 ** step, 0];
}
