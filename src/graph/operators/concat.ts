import { concatBackward, concatForward } from '../../kernels/concat';
import { requireLayout, requireShape } from '../../kernels/shapes';
import type { SymbolicTensor } from '../graph';
import { describe, named } from '../names';

/**
 * Concatenation over channels: a [N, A, H, W] and b [N, B, H, W] to [N, A + B, H, W].
 *
 * @throws ShapeError if N, H or W differ.
 */
export function concat(
  a: SymbolicTensor,
  b: SymbolicTensor,
  attributes: { readonly label?: string } = {},
): SymbolicTensor {
  requireLayout('concat', named(a), 'activation');
  const [n, channels, height, width] = a.shape;
  requireShape('concat', named(b), [n, b.shape[1], height, width], `N, H and W of ${describe(a)}`);
  const label = attributes.label ?? 'concat';
  const y = a.graph.intermediate(`${label}.concat`, [n, channels + b.shape[1], height, width]);
  a.graph.node({
    operator: 'concat',
    label,
    inputs: [a, b],
    outputs: [y],
    updates: [],
    isJoin: true,
    emit: (context, at) => concatForward(context, { a: at(a), b: at(b), y: at(y) }),
    derivative: ([dy]) => {
      if (dy === undefined) return [];
      const da = a.graph.intermediate(`${label}.concat.a.grad`, a.shape);
      const db = a.graph.intermediate(`${label}.concat.b.grad`, b.shape);
      a.graph.node({
        operator: 'concatGradient',
        label,
        inputs: [dy],
        outputs: [da, db],
        updates: [],
        emit: (context, at) => concatBackward(context, { dy: at(dy), da: at(da), db: at(db) }),
      });
      return [da, db];
    },
  });
  return y;
}
