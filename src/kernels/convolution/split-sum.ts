import sumPartialsCode from '../../../shaders/sum_partials.wgsl?raw';
import type { KernelCall, KernelSource } from '../../gpu/kernel-call';
import type { KernelContext } from '../context';
import { ceilDivide, foldWorkgroups } from '../dispatch';
import { byteLength, type Tensor } from '../tensor';

const sumPartials: KernelSource = { name: 'sum_partials', code: sumPartialsCode };

/** One part of a split sum, as its kernel needs it. */
export interface Split<B> {
  /** One copy of the result per split, or the result itself if there is only one split. */
  readonly partials: B;
  readonly perSplit: number;
  readonly dispatch: readonly [number, number, number];
}

/**
 * A weight gradient whose sum over `parts` (rows or strips) is split into just enough workgroups to fill the adapter,
 * since each split writes a copy of the weights. The copies are then added in order.
 *
 * @param copy workgroups that one copy of the weights takes; splits vary slowest in z.
 */
export function splitSum<B>(
  context: KernelContext<B>,
  dw: Tensor<B>,
  parts: number,
  copy: readonly [number, number, number],
  call: (split: Split<B>) => KernelCall<B>,
): KernelCall<B>[] {
  const [x, y, z] = copy;
  const wanted = Math.max(1, ceilDivide(context.policy.weightGradientWorkgroups, x * y * z));
  const perSplit = ceilDivide(parts, Math.min(parts, wanted));
  const splits = ceilDivide(parts, perSplit);
  const dispatch = [x, y, z * splits] as const;
  if (splits === 1) return [call({ partials: dw.buffer, perSplit, dispatch })];
  const bytes = byteLength(dw.shape, dw.layout);
  const partials = context.scratch(splits * bytes);
  const first = call({ partials, perSplit, dispatch });
  return [first, sumCall(context, partials, dw.buffer, { length: bytes / 16, splits })];
}

/** sum[i] = sum over splits of partials[split][i], in order; lengths in vec4. */
function sumCall<B>(
  { policy, traits, label }: KernelContext<B>,
  partials: B,
  sum: B,
  { length, splits }: { readonly length: number; readonly splits: number },
): KernelCall<B> {
  const size = policy.workgroup;
  const dispatch = foldWorkgroups(traits, ceilDivide(length, size));
  return {
    kernel: sumPartials,
    label,
    constants: { WORKGROUP: size },
    params: { length, splits, columns: dispatch[0] * size },
    bindings: [partials, sum],
    dispatch,
    flops: 0,
    bytes: 0,
  };
}
