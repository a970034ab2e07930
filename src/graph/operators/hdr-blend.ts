import { GraphError } from '../../errors';
import { type HdrBlendAttributes, hdrBlendBackward, hdrBlendForward } from '../../kernels/hdr-blend';
import type { SymbolicTensor } from '../graph';
import { requireEqualShapes, requireLayout } from '../shape-rules';

/**
 * A photo x [N, 3, H, W] in [0, 1] as linear light, with exp(y) - offset where it is clipped (`kernels/hdr-blend.ts`).
 * The photo is data: there is no derivative with respect to it.
 */
export function hdrBlend(
  x: SymbolicTensor,
  y: SymbolicTensor,
  attributes: HdrBlendAttributes & { readonly label?: string },
): SymbolicTensor {
  requireLayout('hdrBlend', x, 'activation');
  requireEqualShapes('hdrBlend', x, y);
  const label = attributes.label ?? y.name;
  const h = x.graph.intermediate(`${label}.hdrBlend`, x.shape);
  x.graph.node({
    operator: 'hdrBlend',
    label,
    inputs: [x, y],
    outputs: [h],
    updates: [],
    emit: (context, at) => hdrBlendForward(context, { x: at(x), y: at(y), h: at(h) }, attributes),
    derivative: ([dh], [wantX]) => {
      if (wantX) throw new GraphError(`gradients: hdrBlend (${label}) has no derivative by the photo.`);
      return [undefined, dh && gradient(x, y, dh, { ...attributes, label })];
    },
  });
  return h;
}

function gradient(
  x: SymbolicTensor,
  y: SymbolicTensor,
  dh: SymbolicTensor,
  { label, ...attributes }: HdrBlendAttributes & { readonly label: string },
): SymbolicTensor {
  const dy = y.graph.intermediate(`${label}.hdrBlend.grad`, y.shape);
  y.graph.node({
    operator: 'hdrBlendGradient',
    label,
    inputs: [x, y, dh],
    outputs: [dy],
    updates: [],
    emit: (context, at) =>
      hdrBlendBackward(context, { x: at(x), y: at(y), dh: at(dh), dy: at(dy) }, attributes),
  });
  return dy;
}
