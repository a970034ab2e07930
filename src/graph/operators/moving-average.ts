import { movingAverageStep } from '../../kernels/moving-average';
import { requireShape } from '../../kernels/shapes';
import type { SymbolicTensor } from '../graph';
import { describe, moduleName, named } from '../names';

/**
 * The moving average of a tensor, in the variable `<tensor>.average`, updated in every run with the last value of
 * `schedule` [1, 4, 1, 1] as rate: average += rate (tensor - average). With rates 1, 1/2, 1/3, ... it is the mean.
 * For a parameter it uses the value after all operators added before it.
 */
export function movingAverage(tensor: SymbolicTensor, schedule: SymbolicTensor): SymbolicTensor {
  requireShape(
    'movingAverage',
    named(schedule),
    [1, 4, 1, 1],
    `one value per channel of ${describe(tensor)}`,
  );
  const { graph, name, shape, layout } = tensor;
  const average = graph.variable(`${name}.average`, shape, layout);
  graph.node({
    operator: 'movingAverage',
    label: moduleName(tensor),
    inputs: { value: tensor, schedule },
    outputs: {},
    updates: { average },
    emit: movingAverageStep,
  });
  return average;
}
