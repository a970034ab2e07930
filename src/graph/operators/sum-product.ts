import { sumProductBackward, sumProductForward } from '../../kernels/sum-product';
import type { SymbolicTensor } from '../graph';
import { requireEqualShapes } from '../shape-rules';

/** y = a + b + a b, element by element; one shape and layout. */
export function sumProduct(
  a: SymbolicTensor,
  b: SymbolicTensor,
  attributes: { readonly label?: string } = {},
): SymbolicTensor {
  requireEqualShapes('sumProduct', a, b);
  const label = attributes.label ?? a.name;
  const y = a.graph.intermediate(`${label}.sumProduct`, a.shape, a.layout);
  a.graph.node({
    operator: 'sumProduct',
    label,
    inputs: [a, b],
    outputs: [y],
    updates: [],
    emit: (context, at) => sumProductForward(context, { a: at(a), b: at(b), y: at(y) }),
    derivative: ([dy], [wantA, wantB]) => [
      wantA && dy ? gradient(b, dy, label) : undefined,
      wantB && dy ? gradient(a, dy, label) : undefined,
    ],
  });
  return y;
}

/** With respect to one side, from the other. */
function gradient(b: SymbolicTensor, dy: SymbolicTensor, label: string): SymbolicTensor {
  const da = b.graph.intermediate(`${label}.sumProduct.grad`, b.shape, b.layout);
  b.graph.node({
    operator: 'sumProductGradient',
    label,
    inputs: [b, dy],
    outputs: [da],
    updates: [],
    emit: (context, at) => sumProductBackward(context, { b: at(b), dy: at(dy), da: at(da) }),
  });
  return da;
}
