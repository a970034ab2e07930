import { resizeBilinearBackward, resizeBilinearForward } from '../../kernels/resize';
import { requireInteger, requireLayout } from '../../kernels/shapes';
import type { SymbolicTensor } from '../graph';
import { named } from '../names';

/** Bilinear resize to height x width with half-pixel centres (align_corners=False), no antialiasing. */
export function resizeBilinear(
  x: SymbolicTensor,
  attributes: { readonly height: number; readonly width: number; readonly label?: string },
): SymbolicTensor {
  const { height, width, label = x.name } = attributes;
  requireLayout('resizeBilinear', named(x), 'activation');
  requireInteger('resizeBilinear', 'height', height, 1);
  requireInteger('resizeBilinear', 'width', width, 1);
  return x.graph.node({
    operator: 'resizeBilinear',
    label,
    inputs: { x },
    outputs: { y: { name: `${label}.resize`, shape: [x.shape[0], x.shape[1], height, width] } },
    emit: resizeBilinearForward,
    derivative: ([dy]) => [
      x.graph.node({
        operator: 'resizeBilinearGradient',
        label,
        inputs: { dy: dy! },
        outputs: { dx: { name: `${label}.resize.grad`, shape: x.shape } },
        emit: resizeBilinearBackward,
      }).dx,
    ],
  }).y;
}
