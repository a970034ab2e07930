import { movingAverageStep } from '../../kernels/moving-average';
import type { SymbolicTensor } from '../graph';
import { moduleName, requireVector } from '../shape-rules';

/** Name of the variable that holds the average of a parameter. */
export const averageName = (parameter: string): string => `${parameter}.average`;

/**
 * The moving average of a parameter as the variable `<parameter>.average`, moved with every run by the last value
 * of `schedule` [1, 4, 1, 1]. Add it behind the operator that updates the parameter.
 */
export function movingAverage(parameter: SymbolicTensor, schedule: SymbolicTensor): SymbolicTensor {
  requireVector('movingAverage', schedule, parameter, 4);
  const { graph, name, shape, layout } = parameter;
  const average = graph.variable(averageName(name), shape, layout);
  graph.node({
    operator: 'movingAverage',
    label: moduleName(parameter),
    inputs: [parameter, schedule],
    outputs: [],
    updates: [average],
    emit: (context, at) =>
      movingAverageStep(context, { average: at(average), value: at(parameter), schedule: at(schedule) }),
  });
  return average;
}
