import { ShapeError } from '../../errors';
import { exposureFusion as exposureFusionCalls } from '../../kernels/exposure-fusion';
import type { SymbolicTensor } from '../graph';
import { describe, requireLayout, sameShape } from '../shape-rules';

/**
 * Fuses K exposures [N * K, 3, H, W] (values k/255, one scene after the other) to N pictures [N, 3, H, W] of the same
 * 8 bit, by exponents [N, 3, 1, 1] of contrast, saturation and exposedness (`src/kernels/exposure-fusion.ts`). Data,
 * not part of a model: it has no derivative.
 *
 * @throws ShapeError unless the two fit each other.
 */
export function exposureFusion(
  exposures: SymbolicTensor,
  exponents: SymbolicTensor,
  attributes: { readonly label?: string } = {},
): SymbolicTensor {
  const label = attributes.label ?? exposures.name;
  requireLayout('exposureFusion', exposures, 'activation');
  const [pictures, channels, height, width] = exposures.shape;
  const [scenes] = exponents.shape;
  if (channels !== 3 || pictures % scenes !== 0 || !sameShape(exponents.shape, [scenes, 3, 1, 1])) {
    throw new ShapeError(
      `exposureFusion: ${describe(exposures)} must be [N * K, 3, H, W] and ${describe(exponents)} [N, 3, 1, 1].`,
    );
  }
  const y = exposures.graph.intermediate(`${label}.fused`, [scenes, 3, height, width]);
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
