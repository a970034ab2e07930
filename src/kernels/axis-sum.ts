import code from '../../shaders/axis_sum.wgsl?raw';
import type { KernelCall } from '../gpu/kernel-call';
import type { KernelContext } from './context';
import { foldWorkgroups } from './dispatch';
import { finalLanes, splitsOf } from './work-sharing';

const partialSums = { name: 'axis_sum_partial', code, entryPoint: 'partial_sums' };
const total = { name: 'axis_sum_total', code, entryPoint: 'total' };

const VEC4_BYTES = 16;

/** x as [outer][kept][inner] of vec4, y as [kept]. */
interface AxisSum<B> {
  readonly x: B;
  readonly y: B;
  readonly outer: number;
  readonly kept: number;
  readonly inner: number;
}

/** y[k] = sum over outer and inner of x[outer, k, inner], in vec4 and a fixed order. Zero padding stays zero. */
export function axisSum<B>(
  context: KernelContext<B>,
  { x, y, outer, kept, inner }: AxisSum<B>,
): KernelCall<B>[] {
  const { traits, label } = context;
  const { workgroup, workgroups, partials, params } = splitsOf(context, outer, kept, inner);
  const sums = context.scratch(VEC4_BYTES * kept * partials);
  const length = outer * kept * inner;
  return [
    {
      kernel: partialSums,
      label,
      constants: { WORKGROUP: workgroup },
      params,
      bindings: [x, sums],
      dispatch: foldWorkgroups(traits, workgroups),
      flops: 4 * length,
      bytes: VEC4_BYTES * length,
    },
    {
      kernel: total,
      label,
      constants: { LANES: finalLanes(context) },
      params,
      bindings: [sums, y],
      dispatch: foldWorkgroups(traits, kept),
      flops: 4 * kept * partials,
      bytes: VEC4_BYTES * kept * (partials + 1),
    },
  ];
}
