import type { Shape } from '../../src/kernels/tensor';
import { addTo, build, type Dense, forEachIndex, get, zeros } from './dense';

export interface ConvAttributes {
  readonly stride: number;
  readonly padding: number;
  readonly paddingAfter?: number;
}

type Tap = {
  n: number;
  o: number;
  i: number;
  ky: number;
  kx: number;
  oy: number;
  ox: number;
  iy: number;
  ix: number;
};

/** Visits every product of a convolution: y[n, o, oy, ox] += x[n, i, iy, ix] w[o, i, ky, kx]. */
function forEachTap(
  x: Shape,
  w: Shape,
  y: Shape,
  { stride, padding }: ConvAttributes,
  visit: (tap: Tap) => void,
): void {
  forEachIndex(y, (n, o, oy, ox) => {
    forEachIndex([1, w[1], w[2], w[3]], (_, i, ky, kx) => {
      const iy = oy * stride - padding + ky;
      const ix = ox * stride - padding + kx;
      if (iy >= 0 && iy < x[2] && ix >= 0 && ix < x[3]) visit({ n, o, i, ky, kx, oy, ox, iy, ix });
    });
  });
}

export function conv2dShape(
  x: Shape,
  w: Shape,
  { stride, padding, paddingAfter = padding }: ConvAttributes,
): Shape {
  const size = (input: number, kernel: number) =>
    Math.floor((input + padding + paddingAfter - kernel) / stride) + 1;
  return [x[0], w[0], size(x[2], w[2]), size(x[3], w[3])];
}

/** Cross-correlation as in PyTorch: x [N, I, H, W], w [O, I, KH, KW], bias [1, O, 1, 1]. */
export function conv2d(x: Dense, w: Dense, bias: Dense | undefined, attributes: ConvAttributes): Dense {
  const y = build(conv2dShape(x.shape, w.shape, attributes), (_, o) => bias?.data[o] ?? 0);
  forEachTap(x.shape, w.shape, y.shape, attributes, ({ n, o, i, ky, kx, oy, ox, iy, ix }) => {
    addTo(y, n, o, oy, ox, get(x, n, i, iy, ix) * get(w, o, i, ky, kx));
  });
  return y;
}

/** The shape of x must be given: with a stride, several sizes of x give the same size of y. */
export function conv2dInputGradient(dy: Dense, w: Dense, xShape: Shape, attributes: ConvAttributes): Dense {
  const dx = zeros(xShape);
  forEachTap(xShape, w.shape, dy.shape, attributes, ({ n, o, i, ky, kx, oy, ox, iy, ix }) => {
    addTo(dx, n, i, iy, ix, get(dy, n, o, oy, ox) * get(w, o, i, ky, kx));
  });
  return dx;
}

export function conv2dWeightGradient(x: Dense, dy: Dense, wShape: Shape, attributes: ConvAttributes): Dense {
  const dw = zeros(wShape);
  forEachTap(x.shape, wShape, dy.shape, attributes, ({ n, o, i, ky, kx, oy, ox, iy, ix }) => {
    addTo(dw, o, i, ky, kx, get(dy, n, o, oy, ox) * get(x, n, i, iy, ix));
  });
  return dw;
}

/** Sum over batch and space, [1, C, 1, 1]: the gradient of a bias. */
export function channelSum(x: Dense): Dense {
  const sum = zeros([1, x.shape[1], 1, 1]);
  forEachIndex(x.shape, (n, c, h, w) => addTo(sum, 0, c, 0, 0, get(x, n, c, h, w)));
  return sum;
}
