import { movingAverageStep } from '../../kernels/moving-average';
import type { SymbolicTensor } from '../graph';
import { moduleName, requireVector } from '../shape-rules';

/**
 * The moving average of a tensor as the variable `<tensor>.average`, moved with every run by the last value of
 * `schedule` [1, 4, 1, 1]: average += rate (tensor - average). With the rates 1, 1/2, 1/3, ... it is the mean. Of a
 * parameter it takes the value after the operators added before it.
 */
export function movingAverage(tensor: SymbolicTensor, schedule: SymbolicTensor): SymbolicTensor {
  requireVector('movingAverage', schedule, tensor, 4);
  const { graph, name, shape, layout } = tensor;
  const average = graph.variable(`${name}.average`, shape, layout);
  graph.node({
    operator: 'movingAverage',
    label: moduleName(tensor),
    inputs: [tensor, schedule],
    outputs: [],
    updates: [average],
    emit: (context, at) =>
      movingAverageStep(context, { average: at(average), value: at(tensor), schedule: at(schedule) }),
  });
  return average;
}
