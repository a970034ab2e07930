import finalCode from '../../shaders/row_sum_final.wgsl?raw';
import partialCode from '../../shaders/row_sum_partial.wgsl?raw';
import type { KernelCall } from '../gpu/kernel-call';
import { finalLanes, splitsOf } from './choice-elementwise';
import type { KernelContext } from './context';
import { foldWorkgroups } from './dispatch';

const partial = { name: 'row_sum_partial', code: partialCode };
const final = { name: 'row_sum_final', code: finalCode };

const VEC4_BYTES = 16;

/** x as [outer][rows][inner] of vec4. */
export interface RowSum<B> {
  readonly x: B;
  readonly y: B;
  readonly outer: number;
  readonly rows: number;
  readonly inner: number;
}

/** y[row] = sum over outer and inner of x, in vec4 and a fixed order. Padding that is zero stays zero. */
export function rowSum<B>(
  context: KernelContext<B>,
  { x, y, outer, rows, inner }: RowSum<B>,
): KernelCall<B>[] {
  const { traits, label } = context;
  const { workgroup, strip, strips, planes, planeSplits, partials } = splitsOf(context, outer, rows, inner);
  const sums = context.scratch(VEC4_BYTES * rows * partials);
  const length = outer * rows * inner;
  return [
    {
      kernel: partial,
      label,
      constants: { WORKGROUP: workgroup },
      params: { outer, rows, inner, strip, strips, planes, plane_splits: planeSplits },
      bindings: [x, sums],
      dispatch: foldWorkgroups(traits, rows * planeSplits * strips),
      flops: 4 * length,
      bytes: VEC4_BYTES * length,
    },
    {
      kernel: final,
      label,
      constants: { LANES: finalLanes(context) },
      params: { rows, partials },
      bindings: [sums, y],
      dispatch: foldWorkgroups(traits, rows),
      flops: 4 * rows * partials,
      bytes: VEC4_BYTES * rows * (partials + 1),
    },
  ];
}
