import { balanceKernel as balanceKernelCalls } from '../../kernels/balance-kernel';
import type { SymbolicTensor } from '../graph';

/** Kernels of an even size without their alternating part (`src/kernels/balance-kernel.ts`). */
export function balanceKernel(
  x: SymbolicTensor,
  attributes: { readonly label?: string } = {},
): SymbolicTensor {
  const label = attributes.label ?? x.name;
  const y = x.graph.intermediate(`${label}.balanced`, x.shape, x.layout);
  x.graph.node({
    operator: 'balanceKernel',
    label,
    inputs: [x],
    outputs: [y],
    updates: [],
    emit: (context, at) => balanceKernelCalls(context, { x: at(x), y: at(y) }),
    // A symmetric projection is its own adjoint.
    derivative: ([dy]) => [dy && balanceKernel(dy, { label: `${label}.grad` })],
  });
  return y;
}
