import { replicateBackward, replicateForward } from '../../kernels/replicate';
import { requireInteger, requireShape } from '../../kernels/shapes';
import type { SymbolicTensor } from '../graph';
import { named } from '../names';

/**
 * Repeats one vector per image over a plane: x [N, C, 1, 1] to [N, C, height, width]. The gradient is the sum
 * over the plane.
 *
 * @throws ShapeError if x is not 1x1.
 */
export function replicate(
  x: SymbolicTensor,
  attributes: { readonly height: number; readonly width: number; readonly label?: string },
): SymbolicTensor {
  const { height, width, label = x.name } = attributes;
  requireInteger('replicate', 'height', height, 1);
  requireInteger('replicate', 'width', width, 1);
  requireShape('replicate', named(x), [x.shape[0], x.shape[1], 1, 1], 'one vector per image');
  return x.graph.node({
    operator: 'replicate',
    label,
    inputs: { x },
    outputs: { y: { name: `${label}.replicate`, shape: [x.shape[0], x.shape[1], height, width] } },
    emit: replicateForward,
    derivative: ([dy]) => [
      x.graph.node({
        operator: 'replicateGradient',
        label,
        inputs: { dy: dy! },
        outputs: { dx: { name: `${label}.replicate.grad`, shape: x.shape } },
        emit: replicateBackward,
      }).dx,
    ],
  }).y;
}
