import type { Shape } from '../../src/kernels/tensor';
import { addTo, build, type Dense, forEachIndex, get, zeros } from './dense';

/** The position of the first maximum, in row-major order, in the 2x2 window of output (oh, ow). */
function firstMaximum(x: Dense, n: number, c: number, oh: number, ow: number): { h: number; w: number } {
  let best = { h: 2 * oh, w: 2 * ow };
  for (const [dh, dw] of [
    [0, 1],
    [1, 0],
    [1, 1],
  ] as const) {
    const candidate = { h: 2 * oh + dh, w: 2 * ow + dw };
    if (get(x, n, c, candidate.h, candidate.w) > get(x, n, c, best.h, best.w)) best = candidate;
  }
  return best;
}

/** Max pooling 2x2, stride 2; an odd last row or column is left out. */
export function maxPool(x: Dense): Dense {
  const [batch, channels, height, width] = x.shape;
  return build([batch, channels, height >> 1, width >> 1], (n, c, oh, ow) => {
    const { h, w } = firstMaximum(x, n, c, oh, ow);
    return get(x, n, c, h, w);
  });
}

export function maxPoolBackward(x: Dense, dy: Dense): Dense {
  const dx = zeros(x.shape);
  forEachIndex(dy.shape, (n, c, oh, ow) => {
    const { h, w } = firstMaximum(x, n, c, oh, ow);
    addTo(dx, n, c, h, w, get(dy, n, c, oh, ow));
  });
  return dx;
}

/** Channels of a, then channels of b. */
export function concat(a: Dense, b: Dense): Dense {
  const [batch, first, height, width] = a.shape;
  return build([batch, first + b.shape[1], height, width], (n, c, h, w) =>
    c < first ? get(a, n, c, h, w) : get(b, n, c - first, h, w),
  );
}

/** The channels [from, to) of a tensor. */
export function channels(x: Dense, from: number, to: number): Dense {
  const [batch, , height, width] = x.shape;
  return build([batch, to - from, height, width], (n, c, h, w) => get(x, n, from + c, h, w));
}

/** [N, C, 1, 1] repeated over height x width. */
export function replicate(x: Dense, height: number, width: number): Dense {
  return build([x.shape[0], x.shape[1], height, width], (n, c) => get(x, n, c, 0, 0));
}

export function replicateBackward(dy: Dense): Dense {
  const dx = zeros([dy.shape[0], dy.shape[1], 1, 1]);
  forEachIndex(dy.shape, (n, c, h, w) => addTo(dx, n, c, 0, 0, get(dy, n, c, h, w)));
  return dx;
}

/** The two neighbours along one axis and their weights, half-pixel centres, clamped to the edge. */
function neighbours(at: number, from: number, to: number): readonly { index: number; weight: number }[] {
  const source = Math.min(Math.max(((at + 0.5) * from) / to - 0.5, 0), from - 1);
  const low = Math.floor(source);
  const fraction = source - low;
  return [
    { index: low, weight: 1 - fraction },
    { index: Math.min(low + 1, from - 1), weight: fraction },
  ];
}

/** Visits every product of a bilinear resize from `x` to `y`. */
function forEachSample(
  x: Shape,
  y: Shape,
  visit: (n: number, c: number, yh: number, yw: number, xh: number, xw: number, weight: number) => void,
): void {
  forEachIndex(y, (n, c, yh, yw) => {
    for (const row of neighbours(yh, x[2], y[2])) {
      for (const column of neighbours(yw, x[3], y[3])) {
        visit(n, c, yh, yw, row.index, column.index, row.weight * column.weight);
      }
    }
  });
}

/** Bilinear, `align_corners=False`, `antialias=False` in PyTorch's terms. */
export function resizeBilinear(x: Dense, height: number, width: number): Dense {
  const y = zeros([x.shape[0], x.shape[1], height, width]);
  forEachSample(x.shape, y.shape, (n, c, yh, yw, xh, xw, weight) => {
    addTo(y, n, c, yh, yw, weight * get(x, n, c, xh, xw));
  });
  return y;
}

export function resizeBilinearBackward(dy: Dense, xShape: Shape): Dense {
  const dx = zeros(xShape);
  forEachSample(xShape, dy.shape, (n, c, yh, yw, xh, xw, weight) => {
    addTo(dx, n, c, xh, xw, weight * get(dy, n, c, yh, yw));
  });
  return dx;
}
