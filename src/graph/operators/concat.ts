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
  return a.graph.node({
    operator: 'concat',
    label,
    inputs: { a, b },
    outputs: { y: { name: `${label}.concat`, shape: [n, channels + b.shape[1], height, width] } },
    isJoin: true,
    emit: concatForward,
    derivative: ([dy]) => {
      const { da, db } = a.graph.node({
        operator: 'concatGradient',
        label,
        inputs: { dy: dy! },
        outputs: {
          da: { name: `${label}.concat.a.grad`, shape: a.shape },
          db: { name: `${label}.concat.b.grad`, shape: b.shape },
        },
        emit: concatBackward,
      });
      return [da, db];
    },
  }).y;
}
