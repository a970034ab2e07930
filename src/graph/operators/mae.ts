import { maeBackward, maeForward } from '../../kernels/mae';
import type { SymbolicTensor } from '../graph';
import { requireEqualShapes, requireLayout } from '../shape-rules';

/** Mean of |x - target| over all elements, padding left out: a tensor [1, 1, 1, 1]. */
export function mae(
  x: SymbolicTensor,
  target: SymbolicTensor,
  attributes: { readonly label?: string } = {},
): SymbolicTensor {
  requireLayout('mae', x, 'activation');
  requireEqualShapes('mae', x, target);
  const { label = 'loss' } = attributes;
  const loss = x.graph.intermediate(label, [1, 1, 1, 1]);
  x.graph.node({
    operator: 'mae',
    label,
    inputs: [x, target],
    outputs: [loss],
    updates: [],
    emit: (context, at) => maeForward(context, { x: at(x), target: at(target), loss: at(loss) }),
    derivative: ([dloss], [wantX, wantTarget]) => {
      if (dloss === undefined) return [];
      return [
        wantX ? maeGradient(x, target, dloss, label) : undefined,
        wantTarget ? maeGradient(target, x, dloss, label) : undefined,
      ];
    },
  });
  return loss;
}

/** dx = dloss sign(x - target) / count. */
function maeGradient(
  x: SymbolicTensor,
  target: SymbolicTensor,
  dloss: SymbolicTensor,
  label: string,
): SymbolicTensor {
  const dx = x.graph.intermediate(`${x.name}.grad`, x.shape);
  x.graph.node({
    operator: 'maeGradient',
    label,
    inputs: [x, target, dloss],
    outputs: [dx],
    updates: [],
    emit: (context, at) =>
      maeBackward(context, { x: at(x), target: at(target), dloss: at(dloss), dx: at(dx) }),
  });
  return dx;
}
