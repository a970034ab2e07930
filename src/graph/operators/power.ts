import { type PowerAttributes, powerBackward, powerForward } from '../../kernels/power';
import type { SymbolicTensor } from '../graph';

/** y = factor x^exponent where x is positive, else 0; the derivative is 0 there too. */
export function power(
  x: SymbolicTensor,
  attributes: PowerAttributes & { readonly label?: string },
): SymbolicTensor {
  const label = attributes.label ?? x.name;
  const y = x.graph.intermediate(`${label}.power`, x.shape, x.layout);
  x.graph.node({
    operator: 'power',
    label,
    inputs: [x],
    outputs: [y],
    updates: [],
    emit: (context, at) => powerForward(context, { x: at(x), y: at(y) }, attributes),
    derivative: ([dy]) => [dy && gradient(x, dy, label, attributes)],
  });
  return y;
}

function gradient(
  x: SymbolicTensor,
  dy: SymbolicTensor,
  label: string,
  attributes: PowerAttributes,
): SymbolicTensor {
  const dx = x.graph.intermediate(`${label}.power.grad`, x.shape, x.layout);
  x.graph.node({
    operator: 'powerGradient',
    label,
    inputs: [x, dy],
    outputs: [dx],
    updates: [],
    emit: (context, at) => powerBackward(context, { x: at(x), dy: at(dy), dx: at(dx) }, attributes),
  });
  return dx;
}
