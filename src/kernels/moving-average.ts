import code from '../../shaders/moving_average.wgsl?raw';
import type { KernelCall } from '../gpu/kernel-call';
import type { KernelContext } from './context';
import { bytesOf, pointwiseCall } from './pointwise';
import { requireSameShape, requireShape } from './shapes';
import type { Tensors } from './tensor';

const kernel = { name: 'moving_average', code };

/**
 * average += rate (value - average), in place; schedule is [1, 4, 1, 1] and its last value the rate.
 *
 * @throws {ShapeError} unless average and value have one shape and schedule has [1, 4, 1, 1].
 */
export function movingAverageStep<B>(
  context: KernelContext<B>,
  { average, value, schedule }: Tensors<B, 'average' | 'value' | 'schedule'>,
): KernelCall<B>[] {
  requireSameShape('movingAverageStep', { average, value });
  requireShape('movingAverageStep', { schedule }, [1, 4, 1, 1], 'the last is the rate');
  const bytes = 2 * bytesOf(average) + bytesOf(value, schedule);
  return [pointwiseCall(context, { kernel, tensors: [average, value, schedule], flops: 3, bytes })];
}
