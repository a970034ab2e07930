import { reluBackward, reluForward } from '../../kernels/relu';
import type { SymbolicTensor } from '../graph';
import { type ElementwiseGradient, elementwise, elementwiseGradient } from './elementwise';

const RELU_GRADIENT: ElementwiseGradient = {
  operator: 'relu',
  backward: (context, { of: y, dy, dx }) => reluBackward(context, { y, dy, dx }),
};

/** y = max(x, 0). The derivative at 0 is 0. */
export function relu(x: SymbolicTensor, attributes: { readonly label?: string } = {}): SymbolicTensor {
  return elementwise(x, attributes.label, { ...RELU_GRADIENT, derivativeOf: 'y', forward: reluForward });
}

/** dx = dy where y > 0, else 0: the backward node of relu and of operators with a fused relu. */
export function reluGradient(y: SymbolicTensor, dy: SymbolicTensor, label: string): SymbolicTensor {
  return elementwiseGradient(y, dy, label, RELU_GRADIENT);
}
