import { add as addKernel } from '../../kernels/add';
import type { SymbolicTensor } from '../graph';
import { requireEqualShapes } from '../shape-rules';

/** y = a + b, element by element; one shape and layout. The gradient of the sum is that of both terms. */
export function add(
  a: SymbolicTensor,
  b: SymbolicTensor,
  attributes: { readonly label?: string } = {},
): SymbolicTensor {
  requireEqualShapes('add', a, b);
  const label = attributes.label ?? 'add';
  const y = a.graph.intermediate(`${label}.sum`, a.shape, a.layout);
  a.graph.node({
    operator: 'add',
    label,
    inputs: [a, b],
    outputs: [y],
    updates: [],
    emit: (context, at) => addKernel(context, { a: at(a), b: at(b), y: at(y) }),
    derivative: ([dy]) => [dy, dy],
  });
  return y;
}
