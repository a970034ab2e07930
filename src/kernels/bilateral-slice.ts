import code from '../../shaders/bilateral_slice.wgsl?raw';
import type { KernelCall } from '../gpu/kernel-call';
import type { KernelContext } from './context';
import { rowCall } from './rows';
import { formatShape, requireShape, requireThat } from './shapes';
import type { Shape, Tensors } from './tensor';

const forward = { name: 'bilateral_slice', code, entryPoint: 'forward' };
const gridGradient = { name: 'bilateral_slice_gradient_grid', code, entryPoint: 'gradient_grid' };
const pixelGradient = { name: 'bilateral_slice_gradient_pixels', code, entryPoint: 'gradient_pixels' };

/** Numbers in the 3x4 map of a cell: channels of the grid per level. */
export const MAP_SIZE = 12;

/** Number of levels of a grid, from its channels. */
const gridLevels = ([, channels]: Shape): number => channels / MAP_SIZE;

/** Multiply-adds count twice: 8 corners of 12 numbers, and the map itself. */
const LOOK_UP_FLOPS = 2 * (7 * MAP_SIZE + MAP_SIZE);

function check(operator: string, { grid, guide, x }: Tensors<unknown, 'grid' | 'guide' | 'x'>): void {
  const [n, , height, width] = x.shape;
  const [, channels, gridHeight, gridWidth] = grid.shape;
  requireShape(operator, { x }, [n, 3, height, width], 'three colours');
  requireShape(operator, { guide }, [n, 1, height, width], 'one value for each pixel of x');
  requireShape(operator, { grid }, [n, channels, gridHeight, gridWidth], 'N as x has');
  requireThat(
    operator,
    channels % (4 * MAP_SIZE) === 0,
    `grid is ${formatShape(grid.shape)}, but its channels must be a multiple of ${4 * MAP_SIZE}.`,
  );
  // Positions are computed in 32-bit integers.
  const fits = 4 * height * gridHeight < 2 ** 32 && 4 * width * gridWidth < 2 ** 32;
  requireThat(
    operator,
    fits,
    `${formatShape(grid.shape)} for ${formatShape(x.shape)} is too large to address.`,
  );
}

/**
 * y[n, r, h, w] = A_r (x[n, :, h, w], 1), where the 3x4 map A is interpolated trilinearly in the grid, at the pixel's
 * position and the depth given by its guide. grid is [N, 12 levels, GH, GW], channel 12 l + 4 r + c; guide is [N, 1,
 * H, W], any value; x and y are [N, 3, H, W].
 *
 * Source: M. Gharbi et al., "Deep Bilateral Learning for Real-Time Image Enhancement", ACM TOG 36(4), 2017.
 *
 * @throws {ShapeError} unless the shapes agree and the levels are a multiple of 4.
 */
export function bilateralSliceForward<B>(
  context: KernelContext<B>,
  tensors: Tensors<B, 'grid' | 'guide' | 'x' | 'y'>,
): KernelCall<B>[] {
  const { grid, guide, x, y } = tensors;
  check('bilateralSliceForward', tensors);
  requireShape('bilateralSliceForward', { y }, x.shape, 'as x is');
  const [n, , height, width] = x.shape;
  return [
    rowCall(context, {
      kernel: forward,
      rows: n * height,
      width,
      tensors: [grid, guide, x, y],
      params: {
        grid_h: grid.shape[2],
        grid_w: grid.shape[3],
        x_h: height,
        x_w: width,
        levels: gridLevels(grid.shape),
      },
      flops: LOOK_UP_FLOPS * n * height * width,
    }),
  ];
}

/**
 * The gradients of the grid, of the guide and of x.
 *
 * @throws {ShapeError} unless the shapes agree and the levels are a multiple of 4.
 */
export function bilateralSliceBackward<B>(
  context: KernelContext<B>,
  tensors: Tensors<B, 'grid' | 'guide' | 'x' | 'dy' | 'dgrid' | 'dguide' | 'dx'>,
): KernelCall<B>[] {
  const { grid, guide, x, dy, dgrid, dguide, dx } = tensors;
  check('bilateralSliceBackward', tensors);
  requireShape('bilateralSliceBackward', { dy, dx }, x.shape, 'as x is');
  requireShape('bilateralSliceBackward', { dgrid }, grid.shape, 'as grid is');
  requireShape('bilateralSliceBackward', { dguide }, guide.shape, 'as guide is');
  const [n, , height, width] = x.shape;
  const [, , gridHeight, gridWidth] = grid.shape;
  const levels = gridLevels(grid.shape);
  const params = { grid_h: gridHeight, grid_w: gridWidth, x_h: height, x_w: width, levels };
  return [
    rowCall(context, {
      params,
      kernel: gridGradient,
      rows: n * (levels / 4) * 3 * gridHeight,
      width: gridWidth,
      tensors: [dgrid, guide, x, dy],
      flops: LOOK_UP_FLOPS * n * height * width,
    }),
    rowCall(context, {
      params,
      kernel: pixelGradient,
      rows: n * height,
      width,
      tensors: [grid, guide, x, dy, dguide, dx],
      flops: 2 * LOOK_UP_FLOPS * n * height * width,
    }),
  ];
}
