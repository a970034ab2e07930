import { reluBackward, reluForward } from '../../kernels/relu';
import type { SymbolicTensor } from '../graph';

/** y = max(x, 0). The derivative at 0 is 0. */
export function relu(x: SymbolicTensor, attributes: { readonly label?: string } = {}): SymbolicTensor {
  const label = attributes.label ?? x.name;
  const y = x.graph.intermediate(`${label}.relu`, x.shape, x.layout);
  x.graph.node({
    operator: 'relu',
    label,
    inputs: [x],
    outputs: [y],
    updates: [],
    emit: (context, at) => reluForward(context, { x: at(x), y: at(y) }),
    derivative: ([dy]) => [dy && reluGradient(y, dy, label)],
  });
  return y;
}

/** dx = dy where y > 0, else 0: the backward node of relu and of operators with a fused relu. */
export function reluGradient(y: SymbolicTensor, dy: SymbolicTensor, label: string): SymbolicTensor {
  const dx = y.graph.intermediate(`${label}.relu.grad`, y.shape, y.layout);
  y.graph.node({
    operator: 'reluGradient',
    label,
    inputs: [y, dy],
    outputs: [dx],
    updates: [],
    emit: (context, at) => reluBackward(context, { y: at(y), dy: at(dy), dx: at(dx) }),
  });
  return dx;
}
