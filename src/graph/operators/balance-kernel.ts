import { balanceKernel as balanceKernelCalls } from '../../kernels/balance-kernel';
import type { SymbolicTensor } from '../graph';

/** Kernels of an even size without their alternating part (`src/kernels/balance-kernel.ts`). */
export function balanceKernel(
  x: SymbolicTensor,
  attributes: { readonly label?: string } = {},
): SymbolicTensor {
  const label = attributes.label ?? x.name;
  return x.graph.node({
    operator: 'balanceKernel',
    label,
    inputs: { x },
    outputs: { y: { name: `${label}.balanced`, shape: x.shape, layout: x.layout } },
    emit: balanceKernelCalls,
    // A symmetric projection is its own adjoint.
    derivative: ([dy]) => [balanceKernel(dy!, { label: `${label}.grad` })],
  }).y;
}
