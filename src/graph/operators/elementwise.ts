import type { KernelCall } from '../../gpu/kernel-call';
import type { KernelContext } from '../../kernels/context';
import type { Tensor } from '../../kernels/tensor';
import type { SymbolicTensor } from '../graph';

/** Kernels of an operator that makes y of x element by element. */
export interface Elementwise extends ElementwiseGradient {
  readonly forward: <B>(
    context: KernelContext<B>,
    tensors: { readonly x: Tensor<B>; readonly y: Tensor<B> },
  ) => KernelCall<B>[];
  /** What `backward` takes the derivative from. */
  readonly derivativeOf: 'x' | 'y';
}

export interface ElementwiseGradient {
  readonly operator: string;
  readonly backward: <B>(
    context: KernelContext<B>,
    tensors: { readonly of: Tensor<B>; readonly dy: Tensor<B>; readonly dx: Tensor<B> },
  ) => KernelCall<B>[];
}

/** Adds the operator's node; y has shape and layout of x. */
export function elementwise(
  x: SymbolicTensor,
  label: string = x.name,
  { forward, derivativeOf, ...gradient }: Elementwise,
): SymbolicTensor {
  const { operator } = gradient;
  const y = x.graph.intermediate(`${label}.${operator}`, x.shape, x.layout);
  x.graph.node({
    operator,
    label,
    inputs: [x],
    outputs: [y],
    updates: [],
    emit: (context, at) => forward(context, { x: at(x), y: at(y) }),
    derivative: ([dy]) => [dy && elementwiseGradient(derivativeOf === 'x' ? x : y, dy, label, gradient)],
  });
  return y;
}

/** Adds the backward node: dx from dy and from what the derivative is taken from. */
export function elementwiseGradient(
  of: SymbolicTensor,
  dy: SymbolicTensor,
  label: string,
  { operator, backward }: ElementwiseGradient,
): SymbolicTensor {
  const dx = of.graph.intermediate(`${label}.${operator}.grad`, of.shape, of.layout);
  of.graph.node({
    operator: `${operator}Gradient`,
    label,
    inputs: [of, dy],
    outputs: [dx],
    updates: [],
    emit: (context, at) => backward(context, { of: at(of), dy: at(dy), dx: at(dx) }),
  });
  return dx;
}
