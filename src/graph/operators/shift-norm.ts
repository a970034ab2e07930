import { batchNormBackward, batchNormTraining } from '../../kernels/batch-norm';
import { requireLayout, requireShape } from '../../kernels/shapes';
import { byteLength } from '../../kernels/tensor';
import type { SymbolicTensor } from '../graph';
import { describe, moduleName, named } from '../names';

/**
 * Batch normalisation without a gain and by the statistics of the batch at hand, whatever it is for:
 * y = (x - mean) / sqrt(variance + eps) + shift per channel, over N, H and W. shift is [1, C, 1, 1].
 *
 * @throws ShapeError if the shift is of another shape.
 */
export function shiftNorm(
  x: SymbolicTensor,
  shift: SymbolicTensor,
  { eps }: { readonly eps: number },
): SymbolicTensor {
  requireLayout('shiftNorm', named(x), 'activation');
  requireShape('shiftNorm', named(shift), [1, x.shape[1], 1, 1], `one value per channel of ${describe(x)}`);
  const { graph } = x;
  const label = moduleName(shift);
  // The kernels are those of batch norm, with a gain of one and running statistics that nothing reads.
  const gain = graph.variable(
    `${label}.one`,
    shift.shape,
    'activation',
    new Float32Array(x.shape[1]).fill(1),
  );
  const y = graph.intermediate(`${label}.output`, x.shape);
  const mean = graph.intermediate(`${label}.mean`, shift.shape);
  const rstd = graph.intermediate(`${label}.rstd`, shift.shape);
  graph.node({
    operator: 'shiftNorm',
    label,
    inputs: [x, gain, shift],
    outputs: [y, mean, rstd],
    updates: [],
    emit: (context, at) => {
      const unread = () => ({
        ...at(shift),
        buffer: context.scratch(byteLength(shift.shape, shift.layout)),
      });
      const statistics = {
        runningMean: unread(),
        runningVariance: unread(),
        mean: at(mean),
        rstd: at(rstd),
      };
      return batchNormTraining(
        context,
        { x: at(x), gamma: at(gain), beta: at(shift), y: at(y), ...statistics },
        { eps, momentum: 1 },
      );
    },
    derivative: ([dy]) => {
      if (dy === undefined) return [];
      const dx = graph.intermediate(`${label}.input.grad`, x.shape);
      const dgain = graph.intermediate(`${label}.one.grad`, shift.shape);
      const dshift = graph.intermediate(`${shift.name}.grad`, shift.shape);
      graph.node({
        operator: 'shiftNormGradient',
        label,
        inputs: [x, dy, gain, shift, mean, rstd],
        outputs: [dx, dgain, dshift],
        updates: [],
        emit: (context, at) =>
          batchNormBackward(
            context,
            {
              x: at(x),
              dy: at(dy),
              dx: at(dx),
              gamma: at(gain),
              beta: at(shift),
              mean: at(mean),
              rstd: at(rstd),
              dgamma: at(dgain),
              dbeta: at(dshift),
            },
            {},
          ),
      });
      return [dx, undefined, dshift];
    },
  });
  return y;
}
