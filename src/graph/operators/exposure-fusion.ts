import { exposureFusion as exposureFusionCalls } from '../../kernels/exposure-fusion';
import type { SymbolicTensor } from '../graph';
import { requireLayout } from '../shape-rules';

/**
 * Fuses K exposures [N * K, 3, H, W] (values k/255, one scene after the other) to N pictures [N, 3, H, W] of the same
 * 8 bit, by exponents [N, 3, 1, 1] of contrast, saturation and exposedness (`src/kernels/exposure-fusion.ts`). Data,
 * not part of a model: it has no derivative.
 */
export function exposureFusion(
  exposures: SymbolicTensor,
  exponents: SymbolicTensor,
  attributes: { readonly label?: string } = {},
): SymbolicTensor {
  const label = attributes.label ?? exposures.name;
  requireLayout('exposureFusion', exposures, 'activation');
  const [, , height, width] = exposures.shape;
  const y = exposures.graph.intermediate(`${label}.fused`, [exponents.shape[0], 3, height, width]);
  exposures.graph.node({
    operator: 'exposureFusion',
    label,
    inputs: [exposures, exponents],
    outputs: [y],
    updates: [],
    emit: (context, at) =>
      exposureFusionCalls(
        context,
        { exposures: at(exposures), exponents: at(exponents), y: at(y) },
        { rounded: true },
      ),
  });
  return y;
}
