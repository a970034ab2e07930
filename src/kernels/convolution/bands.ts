import type { Tensor } from '../tensor';
import { type Gather, phaseCount } from './lattice';

/**
 * The most floating-point operations in one dispatch, as far as rows can be split: a submit holds at least one
 * dispatch, and none may keep a slow device busy for long (`gpu/submit-budget.ts`).
 */
export const MOST_FLOPS = 4e9;

/** Bands have a multiple of this many rows, so that they cut no tile of a kernel. */
const ALIGNMENT = 16;

/**
 * Splits a gather into bands of rows with bounded work; usually there is one band. An output is the same sum in any
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
