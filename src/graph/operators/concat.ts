import { ShapeError } from '../../errors';
import { concatBackward, concatForward } from '../../kernels/concat';
import type { SymbolicTensor } from '../graph';
import { describe, requireLayout } from '../shape-rules';

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
  requireLayout('concat', a, 'activation');
  requireLayout('concat', b, 'activation');
  const [n, channels, height, width] = a.shape;
  if (b.shape[0] !== n || b.shape[2] !== height || b.shape[3] !== width) {
    throw new ShapeError(`concat: ${describe(a)} and ${describe(b)} differ in more than their channels.`);
  }
  const label = attributes.label ?? 'concat';
  const y = a.graph.intermediate(`${label}.concat`, [n, channels + b.shape[1], height, width]);
  a.graph.node({
    operator: 'concat',
    label,
    inputs: [a, b],
    outputs: [y],
    updates: [],
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
