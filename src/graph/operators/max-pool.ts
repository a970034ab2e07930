import { maxPoolBackward, maxPoolForward } from '../../kernels/max-pool';
import { requireLayout, requireThat } from '../../kernels/shapes';
import type { SymbolicTensor } from '../graph';
import { describe, named } from '../names';

/**
 * Maximum over 2x2 windows, stride 2; an odd last row or column is dropped. The gradient goes to the first
 * maximum of each window.
 *
 * @throws ShapeError if a side is shorter than 2.
 */
export function maxPool2x2(x: SymbolicTensor, attributes: { readonly label?: string } = {}): SymbolicTensor {
  requireLayout('maxPool2x2', named(x), 'activation');
  const [n, channels, height, width] = x.shape;
  requireThat('maxPool2x2', height >= 2 && width >= 2, `${describe(x)} is smaller than 2x2.`);
  const label = attributes.label ?? x.name;
  return x.graph.node({
    operator: 'maxPool2x2',
    label,
    inputs: { x },
    outputs: { y: { name: `${label}.pool`, shape: [n, channels, height >> 1, width >> 1] } },
    isPool: true,
    emit: maxPoolForward,
    derivative: ([dy]) => [
      x.graph.node({
        operator: 'maxPool2x2Gradient',
        label,
        inputs: { x, dy: dy! },
        outputs: { dx: { name: `${label}.pool.grad`, shape: x.shape } },
        emit: maxPoolBackward,
      }).dx,
    ],
  }).y;
}
