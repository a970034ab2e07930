import sumPartialsCode from '../../../shaders/sum_partials.wgsl?raw';
import type { KernelCall, KernelSource } from '../../gpu/kernel-call';
import type { KernelContext } from '../context';
import { ceilDivide, foldWorkgroups } from '../dispatch';
import { byteLength } from '../tensor';
import { type WeightGradientProblem, weightGradientWork } from './problem';

const sumPartials: KernelSource = { name: 'sum_partials', code: sumPartialsCode };

/** How a family computes a weight gradient. */
interface SplitWeightGradient {
  readonly kernel: KernelSource;
  readonly constants: Readonly<Record<string, number>>;
  /** Rows or strips, whose sum can be split. */
  readonly parts: number;
  /** Workgroups for one copy of the weights; splits vary slowest in z. */
  readonly copy: readonly [number, number, number];
  /** @param perSplit parts of each split. */
  params(perSplit: number): Readonly<Record<string, number>>;
}

/**
 * The sum is split into just enough workgroups to fill the adapter, since each split writes a copy of the weights. The
 * copies are then added in order.
 */
export function splitWeightGradient<B>(
  context: KernelContext<B>,
  problem: WeightGradientProblem<B>,
  { kernel, constants, parts, copy: [x, y, z], params }: SplitWeightGradient,
): KernelCall<B>[] {
  const { dw } = problem;
  const wanted = Math.max(1, ceilDivide(context.policy.weightGradientWorkgroups, x * y * z));
  const perSplit = ceilDivide(parts, Math.min(parts, wanted));
  const splits = ceilDivide(parts, perSplit);
  const bytes = byteLength(dw.shape, dw.layout);
  const partials = splits === 1 ? dw.buffer : context.scratch(splits * bytes);
  const first: KernelCall<B> = {
    kernel,
    label: context.label,
    constants,
    params: params(perSplit),
    bindings: [problem.x.buffer, problem.dy.buffer, partials],
    dispatch: [x, y, z * splits],
    ...weightGradientWork(problem),
  };
  if (splits === 1) return [first];
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
  return {
    kernel: sumPartials,
    label,
    constants: { WORKGROUP: size },
    params: { length, splits },
    bindings: [partials, sum],
    dispatch: foldWorkgroups(traits, ceilDivide(length, size)),
    flops: 0,
    bytes: 0,
  };
}
