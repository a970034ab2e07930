import { type PowerAttributes, powerBackward, powerForward } from '../../kernels/power';
import type { SymbolicTensor } from '../graph';
import { elementwise } from './elementwise';

/** y = factor x^exponent where x is positive, else 0; the derivative is 0 there too. */
export function power(
  x: SymbolicTensor,
  attributes: PowerAttributes & { readonly label?: string },
): SymbolicTensor {
  return elementwise(x, attributes.label, {
    operator: 'power',
    derivativeOf: 'x',
    forward: (context, tensors) => powerForward(context, tensors, attributes),
    backward: (context, { of: x, dy, dx }) => powerBackward(context, { x, dy, dx }, attributes),
  });
}
