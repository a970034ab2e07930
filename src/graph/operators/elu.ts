import { eluBackward, eluForward } from '../../kernels/elu';
import type { SymbolicTensor } from '../graph';

/** y = x where x is positive, else exp(x) - 1. */
export function elu(x: SymbolicTensor, attributes: { readonly label?: string } = {}): SymbolicTensor {
  const label = attributes.label ?? x.name;
  const y = x.graph.intermediate(`${label}.elu`, x.shape, x.layout);
  x.graph.node({
    operator: 'elu',
    label,
    inputs: [x],
    outputs: [y],
    updates: [],
    emit: (context, at) => eluForward(context, { x: at(x), y: at(y) }),
    derivative: ([dy]) => [dy && gradient(y, dy, label)],
  });
  return y;
}

function gradient(y: SymbolicTensor, dy: SymbolicTensor, label: string): SymbolicTensor {
  const dx = y.graph.intermediate(`${label}.elu.grad`, y.shape, y.layout);
  y.graph.node({
    operator: 'eluGradient',
    label,
    inputs: [y, dy],
    outputs: [dx],
    updates: [],
    emit: (context, at) => eluBackward(context, { y: at(y), dy: at(dy), dx: at(dx) }),
  });
  return dx;
}
