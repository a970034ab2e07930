import { type LossAttributes, lossBackward, lossForward } from '../../kernels/loss';
import { requireLayout, requireSameShape } from '../../kernels/shapes';
import type { SymbolicTensor } from '../graph';
import { named } from '../names';

type Loss = (
  x: SymbolicTensor,
  target: SymbolicTensor,
  attributes?: { readonly label?: string },
) => SymbolicTensor;

/** Mean of (x - target)^2 over all elements, excluding padding: a tensor [1, 1, 1, 1]. */
export const mse: Loss = meanLoss('mse', { power: 2 });

/** Mean of |x - target| over all elements, excluding padding: a tensor [1, 1, 1, 1]. */
export const mae: Loss = meanLoss('mae', { power: 1 });

function meanLoss(operator: string, attributes: LossAttributes): Loss {
  return (x, target, { label = 'loss' } = {}) => {
    requireLayout(operator, named(x), 'activation');
    requireSameShape(operator, named(x, target));
    return x.graph.node({
      operator,
      label,
      inputs: { x, target },
      outputs: { loss: { name: label, shape: [1, 1, 1, 1] } },
      emit: (context, tensors) => lossForward(context, tensors, attributes),
      derivative: ([dloss], [wantX, wantTarget]) => [
        wantX ? gradient(x, target, dloss!) : undefined,
        wantTarget ? gradient(target, x, dloss!) : undefined,
      ],
    }).loss;

    function gradient(x: SymbolicTensor, target: SymbolicTensor, dloss: SymbolicTensor): SymbolicTensor {
      return x.graph.node({
        operator: `${operator}Gradient`,
        label,
        inputs: { x, target, dloss },
        outputs: { dx: { name: `${x.name}.grad`, shape: x.shape } },
        emit: (context, tensors) => lossBackward(context, tensors, attributes),
      }).dx;
    }
  };
}
