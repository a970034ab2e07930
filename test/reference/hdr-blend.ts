import { build, type Dense, get } from './dense';

interface BlendAttributes {
  readonly threshold: number;
  readonly offset: number;
}

/** Share of the prediction at a pixel. */
function share(x: Dense, n: number, h: number, w: number, threshold: number): number {
  const brightest = Math.max(get(x, n, 0, h, w), get(x, n, 1, h, w), get(x, n, 2, h, w));
  return Math.min(Math.max((brightest - threshold) / (1 - threshold), 0), 1);
}

/** (1 - a) x^2 + a max(exp(y) - offset, 0): Eilertsen et al. (2017). */
export function hdrBlend(x: Dense, y: Dense, { threshold, offset }: BlendAttributes): Dense {
  return build(x.shape, (n, c, h, w) => {
    const a = share(x, n, h, w, threshold);
    return (1 - a) * get(x, n, c, h, w) ** 2 + a * Math.max(Math.exp(get(y, n, c, h, w)) - offset, 0);
  });
}

/** With respect to y. */
export function hdrBlendBackward(
  x: Dense,
  y: Dense,
  dh: Dense,
  { threshold, offset }: BlendAttributes,
): Dense {
  return build(x.shape, (n, c, h, w) => {
    const value = Math.exp(get(y, n, c, h, w));
    return value > offset ? get(dh, n, c, h, w) * share(x, n, h, w, threshold) * value : 0;
  });
}
