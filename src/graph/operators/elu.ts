import { eluBackward, eluForward } from '../../kernels/elu';
import type { SymbolicTensor } from '../graph';
import { elementwise } from './elementwise';

/** y = x where x is positive, else exp(x) - 1. */
export function elu(x: SymbolicTensor, attributes: { readonly label?: string } = {}): SymbolicTensor {
  return elementwise(x, attributes.label, {
    operator: 'elu',
    derivativeOf: 'y',
    forward: eluForward,
    backward: (context, { of: y, dy, dx }) => eluBackward(context, { y, dy, dx }),
  });
}
