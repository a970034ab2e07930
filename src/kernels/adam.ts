import code from '../../shaders/adam.wgsl?raw';
import type { KernelCall } from '../gpu/kernel-call';
import type { KernelContext } from './context';
import { bytesOf, pointwiseCall } from './pointwise';
import { requireSameShape, requireShape, requireThat } from './shapes';
import type { Tensors } from './tensor';

const kernel = { name: 'adam', code };

/**
 * One step of Adam (Kingma and Ba 2015, algorithm 1): changes parameter, m and v in place.
 *
 * @param tensors m and v, the running means of the gradient and of its square, are zero before the first step; schedule
 * is [1, 4, 1, 1]: rate, 1 - beta1^t, 1 - beta2^t, unused, where t counts from 1.
 * @throws {ShapeError} unless the first four have one shape, schedule is [1, 4, 1, 1], and eps > 0: padding has v = 0
 * and would become NaN.
 */
export function adamStep<B>(
  context: KernelContext<B>,
  tensors: Tensors<B, 'parameter' | 'gradient' | 'm' | 'v' | 'schedule'>,
  { beta1, beta2, eps }: { readonly beta1: number; readonly beta2: number; readonly eps: number },
): KernelCall<B>[] {
  const { parameter, gradient, m, v, schedule } = tensors;
  requireSameShape('adamStep', { parameter, gradient, m, v });
  requireShape('adamStep', { schedule }, [1, 4, 1, 1], 'rate, 1 - beta1^t, 1 - beta2^t, 0');
  requireThat('adamStep', eps > 0, `eps is ${eps}, but must be positive.`);
  return [
    pointwiseCall(context, {
      kernel,
      tensors: [parameter, gradient, m, v, schedule],
      params: { beta1, one_minus_beta1: 1 - beta1, beta2, one_minus_beta2: 1 - beta2, eps },
      flops: 14,
      bytes: 2 * bytesOf(parameter, m, v) + bytesOf(gradient, schedule),
    }),
  ];
}
