import { mseBackward, mseForward } from '../../kernels/mse';
import type { SymbolicTensor } from '../graph';
import { requireEqualShapes, requireLayout } from '../shape-rules';

/** Mean of (x - target)^2 over all elements, padding left out: a tensor [1, 1, 1, 1]. */
export function mse(
  x: SymbolicTensor,
  target: SymbolicTensor,
  attributes: { readonly label?: string } = {},
): SymbolicTensor {
  requireLayout('mse', x, 'activation');
  requireEqualShapes('mse', x, target);
  const { label = 'loss' } = attributes;
  const loss = x.graph.intermediate(label, [1, 1, 1, 1]);
  x.graph.node({
    operator: 'mse',
    label,
    inputs: [x, target],
    outputs: [loss],
    updates: [],
    emit: (context, at) => mseForward(context, { x: at(x), target: at(target), loss: at(loss) }),
    derivative: ([dloss], [wantX, wantTarget]) => {
      if (dloss === undefined) return [];
      return [
        wantX ? mseGradient(x, target, dloss, label) : undefined,
        wantTarget ? mseGradient(target, x, dloss, label) : undefined,
      ];
    },
  });
  return loss;
}

/** dx = dloss 2 (x - target) / count. */
function mseGradient(
  x: SymbolicTensor,
  target: SymbolicTensor,
  dloss: SymbolicTensor,
  label: string,
): SymbolicTensor {
  const dx = x.graph.intermediate(`${x.name}.grad`, x.shape);
  x.graph.node({
    operator: 'mseGradient',
    label,
    inputs: [x, target, dloss],
    outputs: [dx],
    updates: [],
    emit: (context, at) =>
      mseBackward(context, { x: at(x), target: at(target), dloss: at(dloss), dx: at(dx) }),
  });
  return dx;
}
