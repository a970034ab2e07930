import { addTo, build, type Dense, forEachIndex, get, zeros } from './dense';

/**
 * One of the eight corners of a pixel's cell: its index in the grid, its weight, and the derivative of the weight by
 * the guide.
 */
interface Corner {
  readonly level: number;
  readonly i: number;
  readonly j: number;
  readonly weight: number;
  readonly slope: number;
}

const clamp = (value: number, high: number): number => Math.min(Math.max(value, 0), high);

/**
 * Both neighbours of a position on an axis of `size` cells; the slope is the derivative of the weight by the position.
 */
function axis(position: number, size: number): { index: number; weight: number; slope: number }[] {
  const inside = clamp(position, size - 1);
  const low = Math.floor(inside);
  const slope = position > 0 && position < size - 1 ? 1 : 0;
  return [
    { index: low, weight: 1 - (inside - low), slope: -slope },
    { index: Math.min(low + 1, size - 1), weight: inside - low, slope },
  ];
}

function corners({ shape }: Dense, guide: Dense, n: number, h: number, w: number): Corner[] {
  const [, channels, gridHeight, gridWidth] = shape;
  const levels = channels / 12;
  const [, , height, width] = guide.shape;
  const g = get(guide, n, 0, h, w);
  const depth = ((g / (1 + Math.abs(g)) + 1) / 2) * levels - 0.5;
  const depthSlope = levels / 2 / (1 + Math.abs(g)) ** 2;
  return axis(depth, levels).flatMap((z) =>
    axis(((h + 0.5) * gridHeight) / height - 0.5, gridHeight).flatMap((y) =>
      axis(((w + 0.5) * gridWidth) / width - 0.5, gridWidth).map((x) => ({
        level: z.index,
        i: y.index,
        j: x.index,
        weight: z.weight * y.weight * x.weight,
        slope: depthSlope * z.slope * y.weight * x.weight,
      })),
    ),
  );
}

const colour = (x: Dense, n: number, c: number, h: number, w: number): number =>
  c < 3 ? get(x, n, c, h, w) : 1;

/** Applies the 3x4 maps of the grid [N, 12 levels, GH, GW], channel 12 l + 4 r + c, to x [N, 3, H, W]. */
export function bilateralSlice(grid: Dense, guide: Dense, x: Dense): Dense {
  return build(x.shape, (n, r, h, w) => {
    let sum = 0;
    for (const { level, i, j, weight } of corners(grid, guide, n, h, w)) {
      for (let c = 0; c < 4; c++) {
        sum += weight * get(grid, n, 12 * level + 4 * r + c, i, j) * colour(x, n, c, h, w);
      }
    }
    return sum;
  });
}

export function bilateralSliceBackward(grid: Dense, guide: Dense, x: Dense, dy: Dense) {
  const [dgrid, dguide, dx] = [zeros(grid.shape), zeros(guide.shape), zeros(x.shape)];
  forEachIndex(dy.shape, (n, r, h, w) => {
    const slope = get(dy, n, r, h, w);
    for (const corner of corners(grid, guide, n, h, w)) {
      for (let c = 0; c < 4; c++) {
        const channel = 12 * corner.level + 4 * r + c;
        const number = get(grid, n, channel, corner.i, corner.j);
        const value = colour(x, n, c, h, w);
        addTo(dgrid, n, channel, corner.i, corner.j, slope * corner.weight * value);
        addTo(dguide, n, 0, h, w, slope * corner.slope * number * value);
        if (c < 3) addTo(dx, n, c, h, w, slope * corner.weight * number);
      }
    }
  });
  return { dgrid, dguide, dx };
}
