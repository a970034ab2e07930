import { requireLayout, requireShape } from '../../kernels/shapes';
import type { SymbolicTensor } from '../graph';
import { describe, moduleName, named } from '../names';
import { addBatchStatisticsNorm } from './batch-norm';

/**
 * Batch normalisation without gain, always with the statistics of the current batch: y = (x - mean) / sqrt(variance +
 * eps) + shift per channel, over N, H and W. shift is [1, C, 1, 1].
 *
 * @throws ShapeError if the shift has another shape.
 */
export function shiftNorm(
  x: SymbolicTensor,
  shift: SymbolicTensor,
  { eps }: { readonly eps: number },
): SymbolicTensor {
  requireLayout('shiftNorm', named(x), 'activation');
  requireShape('shiftNorm', named(shift), [1, x.shape[1], 1, 1], `one value per channel of ${describe(x)}`);
  // Uses the kernels of batch norm, with a gain of one and running statistics that nothing reads.
  const ones = new Float32Array(x.shape[1]).fill(1);
  const gamma = x.graph.variable(`${moduleName(shift)}.one`, shift.shape, 'activation', ones);
  return addBatchStatisticsNorm(x, { operator: 'shiftNorm', gamma, beta: shift }, { eps, momentum: 1 });
}
