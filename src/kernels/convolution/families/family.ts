import type { KernelCall } from '../../../gpu/kernel-call';
import type { KernelContext } from '../../context';
import type { GatherProblem, WeightGradientProblem } from '../problem';

/**
 * One way to compute convolutions. A pass is undefined if the adapter or the shape rules the family out; its
 * decisions (tiles, splits) are part of its calls.
 */
export interface Family {
  /** Whether its gathers compute several phases at once. */
  readonly takesPhases?: boolean;
  /** Whether its gathers can also write the maxima of 2x2 windows of y, if the problem has `pooled`. */
  readonly takesPool?: boolean;
  gather<B>(context: KernelContext<B>, problem: GatherProblem<B>): KernelCall<B>[] | undefined;
  weightGradient<B>(
    context: KernelContext<B>,
    problem: WeightGradientProblem<B>,
  ): KernelCall<B>[] | undefined;
}
