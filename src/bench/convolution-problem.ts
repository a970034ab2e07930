import { elementCount, type Shape } from '../kernels/tensor';
import type { Work } from './results';

export type Pass = 'forward' | 'input gradient' | 'weight gradient';

/** One pass of a convolution, by its shapes, as computed by us and by opponents. */
export interface ConvolutionProblem {
  readonly pass: Pass;
  readonly transposed: boolean;
  readonly x: Shape;
  /** [O, I, K, K], or [I, O, K, K] of a transposed convolution, as in PyTorch. */
  readonly w: Shape;
  readonly y: Shape;
  readonly stride: number;
  readonly padding: number;
}

/** A 3x3 convolution that keeps the size. */
export function convolution(
  pass: Pass,
  { batch, from, to, size }: { batch: number; from: number; to: number; size: number },
): ConvolutionProblem {
  return {
    pass,
    transposed: false,
    x: [batch, from, size, size],
    w: [to, from, 3, 3],
    y: [batch, to, size, size],
    stride: 1,
    padding: 1,
  };
}

/** A 4x4 transposed convolution that doubles the size. */
export function upsampling(
  pass: Pass,
  { batch, from, to, size }: { batch: number; from: number; to: number; size: number },
): ConvolutionProblem {
  return {
    pass,
    transposed: true,
    x: [batch, from, size, size],
    w: [from, to, 4, 4],
    y: [batch, to, 2 * size, 2 * size],
    stride: 2,
    padding: 1,
  };
}

/** `conv 3x3 64->64 at 64x64, forward`; batches of more than one are included. */
export function nameOf({ pass, transposed, x, w, y }: ConvolutionProblem): string {
  const kind = `${transposed ? 'transposed conv' : 'conv'} ${w[2]}x${w[3]}`;
  const batch = x[0] === 1 ? '' : `${x[0]} x `;
  return `${kind} ${x[1]}->${y[1]} at ${batch}${y[2]}x${y[3]}, ${pass}`;
}

/**
 * Operations of the direct method, which methods such as Winograd's are measured by too, and the bytes of each
 * tensor, read or written once.
 */
export function workOf({ x, w, y, transposed }: ConvolutionProblem): Work {
  const [positions] = transposed ? [x] : [y];
  const products = elementCount(w) * positions[0] * positions[2] * positions[3];
  return { flops: 2 * products, bytes: 4 * (elementCount(x) + elementCount(w) + elementCount(y)) };
}

/** Number of products summed in one output value. */
export function reductionLength({ pass, x, w, y, stride, transposed }: ConvolutionProblem): number {
  if (pass === 'weight gradient') return y[0] * y[2] * y[3];
  const [outputs, inputs] = transposed ? [y[1], x[1]] : [w[0], w[1]];
  const channels = pass === 'forward' ? inputs : outputs;
  const spreads = (pass === 'forward') === transposed;
  return (channels * w[2] * w[3]) / (spreads ? stride * stride : 1);
}
