import { bilateralSliceBackward, bilateralSliceForward, MAP_SIZE } from '../../kernels/bilateral-slice';
import { requireLayout, requireShape, requireThat } from '../../kernels/shapes';
import type { SymbolicTensor } from '../graph';
import { describe, named } from '../names';

/**
 * Applies to each pixel of x [N, 3, H, W] the affine colour map [3, 4] that the grid [N, 12 levels, GH, GW] has at
 * its position and at the depth given by the guide [N, 1, H, W]; see `kernels/bilateral-slice.ts`.
 *
 * @throws ShapeError unless the shapes agree and the levels are a multiple of 4.
 */
export function bilateralSlice(
  grid: SymbolicTensor,
  guide: SymbolicTensor,
  x: SymbolicTensor,
  { label = x.name }: { readonly label?: string } = {},
): SymbolicTensor {
  const { graph } = x;
  const [n, , height, width] = x.shape;
  requireShape('bilateralSlice', named(x), [n, 3, height, width], 'three colours');
  requireShape(
    'bilateralSlice',
    named(guide),
    [n, 1, height, width],
    `one value per pixel of ${describe(x)}`,
  );
  requireLayout('bilateralSlice', named(grid), 'activation');
  requireThat(
    'bilateralSlice',
    grid.shape[0] === n && grid.shape[1] % (4 * MAP_SIZE) === 0,
    `${describe(grid)} must have N of ${describe(x)} and a multiple of ${4 * MAP_SIZE} channels.`,
  );
  return graph.node({
    operator: 'bilateralSlice',
    label,
    inputs: { grid, guide, x },
    outputs: { y: { name: `${label}.slice`, shape: x.shape } },
    emit: bilateralSliceForward,
    derivative: ([dy]) => {
      const { dgrid, dguide, dx } = graph.node({
        operator: 'bilateralSliceGradient',
        label,
        inputs: { grid, guide, x, dy: dy! },
        outputs: {
          dgrid: { name: `${grid.name}.slice.grad`, shape: grid.shape },
          dguide: { name: `${guide.name}.slice.grad`, shape: guide.shape },
          dx: { name: `${x.name}.slice.grad`, shape: x.shape },
        },
        emit: bilateralSliceBackward,
      });
      return [dgrid, dguide, dx];
    },
  }).y;
}
