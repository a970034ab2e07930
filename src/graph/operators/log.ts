import { type LogAttributes, logBackward, logForward } from '../../kernels/log';
import type { SymbolicTensor } from '../graph';

/** y = ln(u + offset) with u = scale x, or (scale x)^2 with `square`. */
export function log(
  x: SymbolicTensor,
  attributes: LogAttributes & { readonly label?: string },
): SymbolicTensor {
  const label = attributes.label ?? x.name;
  const y = x.graph.intermediate(`${label}.log`, x.shape, x.layout);
  x.graph.node({
    operator: 'log',
    label,
    inputs: [x],
    outputs: [y],
    updates: [],
    emit: (context, at) => logForward(context, { x: at(x), y: at(y) }, attributes),
    derivative: ([dy]) => [dy && gradient(x, dy, label, attributes)],
  });
  return y;
}

function gradient(
  x: SymbolicTensor,
  dy: SymbolicTensor,
  label: string,
  attributes: LogAttributes,
): SymbolicTensor {
  const dx = x.graph.intermediate(`${label}.log.grad`, x.shape, x.layout);
  x.graph.node({
    operator: 'logGradient',
    label,
    inputs: [x, dy],
    outputs: [dx],
    updates: [],
    emit: (context, at) => logBackward(context, { x: at(x), dy: at(dy), dx: at(dx) }, attributes),
  });
  return dx;
}
