import type { KernelCall } from '../../../gpu/kernel-call';
import type { KernelContext } from '../../context';
import type { GatherProblem, WeightGradientProblem } from '../problem';

/**
 * One way to compute convolutions. Either pass gives undefined where the adapter or the shape rules the family out; what
 * it decides (tiles, splits) stands in its calls.
 */
export interface Family {
  /** Whether its gathers take several phases at once. */
  readonly takesPhases?: boolean;
  /** Whether its gathers write the maxima of 2x2 windows of y as well, where the problem has a `pooled`. */
  readonly takesPool?: boolean;
  gather<B>(context: KernelContext<B>, problem: GatherProblem<B>): KernelCall<B>[] | undefined;
  weightGradient<B>(
    context: KernelContext<B>,
    problem: WeightGradientProblem<B>,
  ): KernelCall<B>[] | undefined;
}
