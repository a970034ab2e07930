import { bilateralSliceBackward, bilateralSliceForward } from '../../src/kernels/bilateral-slice';
import type { Shape } from '../../src/kernels/tensor';
import { activation, gradientCase, weight } from '../graph/gradient-case';
import { type KernelCase, kernelCase } from '../kernels/harness';
import * as reference from '../reference';
import { randomDense } from '../support/random';
import { expectClose } from '../tolerance';

/** Grids finer and coarser than the photo, of one cell, odd and prime sides, one and several sets of four levels. */
const sizes: [levels: number, grid: [number, number], photo: Shape][] = [
  [8, [4, 4], [2, 3, 16, 16]],
  [4, [3, 5], [1, 3, 13, 7]],
  [8, [1, 1], [2, 3, 3, 5]],
  [4, [5, 2], [1, 3, 4, 1]],
  [16, [7, 3], [3, 3, 29, 31]],
  [4, [2, 2], [1, 3, 1, 1]],
];

const oracleCases = sizes.map(([levels, [gridHeight, gridWidth], shape]) =>
  kernelCase(
    `bilateral slice of ${levels} levels of ${gridHeight}x${gridWidth}, ${shape.join('x')}`,
    async (kernels) => {
      const [n, , height, width] = shape;
      const grid = randomDense([n, 12 * levels, gridHeight, gridWidth], 1);
      // Beyond 5 the depth is clamped at both ends.
      const guide = randomDense([n, 1, height, width], 2, -20, 20);
      const x = randomDense(shape, 3);
      const dy = randomDense(shape, 4);
      const inputs = {
        grid: kernels.input('grid', grid),
        guide: kernels.input('guide', guide),
        x: kernels.input('x', x),
      };
      const y = kernels.output('y', shape);
      const dgrid = kernels.output('dgrid', grid.shape);
      const dguide = kernels.output('dguide', guide.shape);
      const dx = kernels.output('dx', shape);
      await kernels.run([
        ...bilateralSliceForward(kernels.context, { ...inputs, y }),
        ...bilateralSliceBackward(kernels.context, {
          ...inputs,
          dy: kernels.input('dy', dy),
          dgrid,
          dguide,
          dx,
        }),
      ]);
      const want = reference.bilateralSliceBackward(grid, guide, x, dy);
      // A step of the depth by its rounding moves the weights of both levels.
      const forward = { reduction: 32 * levels, terms: 1 };
      expectClose(kernels.read(y), reference.bilateralSlice(grid, guide, x).data, { name: 'y', ...forward });
      expectClose(kernels.read(dx), want.dx.data, { name: 'dx', ...forward });
      expectClose(kernels.read(dguide), want.dguide.data, { name: 'dguide', ...forward, terms: levels });
      const readers = Math.max(1, (4 * height * width) / (gridHeight * gridWidth));
      expectClose(kernels.read(dgrid), want.dgrid.data, {
        name: 'dgrid',
        reduction: 32 * levels * readers,
        terms: 1,
      });
    },
  ),
);

const same = { stride: 1, padding: 1 };

export const cases: readonly KernelCase[] = [
  ...oracleCases,
  gradientCase('bilateral slice, mid-graph', {
    variables: {
      view: activation(2, 3, 6, 4),
      photo: activation(2, 3, 11, 7),
      wGrid: weight(48, 3, 3, 3),
      wGuide: weight(1, 3, 1, 1),
      wColour: weight(3, 3, 3, 3),
      wOut: weight(2, 3, 3, 3),
      target: activation(2, 2, 11, 7),
    },
    loss(o, v) {
      const grid = o.conv2d(v.view, v.wGrid, { stride: 2, padding: 1 });
      const guide = o.conv2d(v.photo, v.wGuide, { stride: 1, padding: 0 });
      const colours = o.conv2d(v.photo, v.wColour, { ...same, relu: true });
      return o.mse(o.conv2d(o.relu(o.bilateralSlice(grid, guide, colours)), v.wOut, same), v.target);
    },
  }),
];
