import { byteLength, elementCount, type Tensor } from '../tensor';
import type { GatherTensors } from './gather';
import type { Gather } from './lattice';
import type { WeightGradientTensors } from './weight-gradient';

/** What an operation must do at least, whichever kernel does it. */
export interface Work {
  readonly flops: number;
  readonly bytes: number;
}

const bytesOf = <B>(...tensors: Tensor<B>[]): number =>
  tensors.reduce((sum, { shape, layout, precision }) => sum + byteLength(shape, layout, precision), 0);

/** Work of one gather: multiply-adds of its phase, every input read once and the phase written once. */
export function gatherWork<B>({ x, w, y }: GatherTensors<B>, g: Gather): Work {
  const products = x.shape[0] * y.shape[1] * x.shape[1] * g.qH * g.qW * g.tapsY * g.tapsX;
  return { flops: 2 * products, bytes: bytesOf(x, w) + bytesOf(y) / (g.outStride * g.outStride) };
}

/** Work of a weight gradient: as many multiply-adds as the convolution itself. */
export function weightGradientWork<B>({ x, dy, dw }: WeightGradientTensors<B>): Work {
  const [n, , p, q] = dy.shape;
  return { flops: 2 * elementCount(dw.shape) * n * p * q, bytes: bytesOf(x, dy, dw) };
}
