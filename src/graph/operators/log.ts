import { type LogAttributes, logBackward, logForward } from '../../kernels/log';
import type { SymbolicTensor } from '../graph';
import { elementwise } from './elementwise';

/** y = ln(u + offset) with u = scale x, or (scale x)^2 with `square`. */
export function log(
  x: SymbolicTensor,
  attributes: LogAttributes & { readonly label?: string },
): SymbolicTensor {
  return elementwise(x, attributes.label, {
    operator: 'log',
    derivativeOf: 'x',
    forward: (context, tensors) => logForward(context, tensors, attributes),
    backward: (context, { of: x, dy, dx }) => logBackward(context, { x, dy, dx }, attributes),
  });
}
