import type { Shape } from '../../src/kernels/tensor';
import type { ConvAttributes } from './conv2d';
import { addTo, build, type Dense, forEachIndex, get, zeros } from './dense';

type Tap = {
  n: number;
  i: number;
  o: number;
  ky: number;
  kx: number;
  iy: number;
  ix: number;
  oy: number;
  ox: number;
};

/** Visits every product of a transposed convolution: y[n, o, oy, ox] += x[n, i, iy, ix] w[i, o, ky, kx]. */
function forEachTap(
  x: Shape,
  w: Shape,
  y: Shape,
  { stride, padding }: ConvAttributes,
  visit: (tap: Tap) => void,
): void {
  forEachIndex(x, (n, i, iy, ix) => {
    forEachIndex([1, w[1], w[2], w[3]], (_, o, ky, kx) => {
      const oy = iy * stride - padding + ky;
      const ox = ix * stride - padding + kx;
      if (oy >= 0 && oy < y[2] && ox >= 0 && ox < y[3]) visit({ n, i, o, ky, kx, iy, ix, oy, ox });
    });
  });
}

export function convTranspose2dShape(
  x: Shape,
  w: Shape,
  { stride, padding, paddingAfter = padding }: ConvAttributes,
): Shape {
  const size = (input: number, kernel: number) => (input - 1) * stride - padding - paddingAfter + kernel;
  return [x[0], w[1], size(x[2], w[2]), size(x[3], w[3])];
}

/** As in PyTorch: x [N, I, H, W], w [I, O, KH, KW], bias [1, O, 1, 1]; no output padding. */
export function convTranspose2d(
  x: Dense,
  w: Dense,
  bias: Dense | undefined,
  attributes: ConvAttributes,
): Dense {
  const y = build(convTranspose2dShape(x.shape, w.shape, attributes), (_, o) => bias?.data[o] ?? 0);
  forEachTap(x.shape, w.shape, y.shape, attributes, ({ n, i, o, ky, kx, iy, ix, oy, ox }) => {
    addTo(y, n, o, oy, ox, get(x, n, i, iy, ix) * get(w, i, o, ky, kx));
  });
  return y;
}

export function convTranspose2dInputGradient(
  dy: Dense,
  w: Dense,
  xShape: Shape,
  attributes: ConvAttributes,
): Dense {
  const dx = zeros(xShape);
  forEachTap(xShape, w.shape, dy.shape, attributes, ({ n, i, o, ky, kx, iy, ix, oy, ox }) => {
    addTo(dx, n, i, iy, ix, get(dy, n, o, oy, ox) * get(w, i, o, ky, kx));
  });
  return dx;
}

export function convTranspose2dWeightGradient(
  x: Dense,
  dy: Dense,
  wShape: Shape,
  attributes: ConvAttributes,
): Dense {
  const dw = zeros(wShape);
  forEachTap(x.shape, wShape, dy.shape, attributes, ({ n, i, o, ky, kx, iy, ix, oy, ox }) => {
    addTo(dw, i, o, ky, kx, get(x, n, i, iy, ix) * get(dy, n, o, oy, ox));
  });
  return dw;
}
