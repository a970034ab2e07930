import type { Tensor } from '../tensor';
import { type Gather, phaseCount } from './lattice';

/**
 * Floating-point operations of one dispatch at most, as far as rows can be shared out: a submit holds at least one
 * dispatch, and none may keep a slow device for long (`gpu/submit-budget.ts`).
 */
const MOST_FLOPS = 4e9;

/** Rows of a band are a multiple of this: no tile of a kernel is cut. */
const ALIGNMENT = 16;

/**
 * A gather as bands of rows, each with bounded work: most often as the one that it is. An output is the same sum in any
 * band.
 */
export function boundedBands<B>(
  { x, y, gather }: { readonly x: Tensor<B>; readonly y: Tensor<B>; readonly gather: Gather },
  mostFlops = MOST_FLOPS,
): Gather[] {
  const { qH, qW, tapsY, tapsX, inStride, outStride } = gather;
  const rowFlops = 2 * phaseCount(gather) * x.shape[0] * x.shape[1] * y.shape[1] * qW * tapsY * tapsX;
  const count = Math.ceil((rowFlops * qH) / mostFlops);
  const rows = Math.ceil(qH / Math.max(count, 1) / ALIGNMENT) * ALIGNMENT;
  if (rows >= qH) return [gather];
  return Array.from({ length: Math.ceil(qH / rows) }, (_, band) => ({
    ...gather,
    qH: Math.min(rows, qH - band * rows),
    originY: gather.originY + band * rows * inStride,
    phaseY: gather.phaseY + band * rows * outStride,
  }));
}
