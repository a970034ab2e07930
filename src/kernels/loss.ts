import code from '../../shaders/loss.wgsl?raw';
import type { KernelCall } from '../gpu/kernel-call';
import type { KernelContext } from './context';
import { foldWorkgroups } from './dispatch';
import { bytesOf, pointwiseCall } from './pointwise';
import { requireSameShape, requireShape } from './shapes';
import { elementCount, storedLength, type Tensors } from './tensor';
import { finalLanes, splitsOf } from './work-sharing';

const partialSums = { name: 'loss_partial_sums', code, entryPoint: 'partial_sums' };
const total = { name: 'loss_total', code, entryPoint: 'total' };
const gradient = { name: 'loss_gradient', code, entryPoint: 'gradient' };

/** 2: the mean of (x - target)^2; 1: of |x - target|. */
export interface LossAttributes {
  readonly power: 1 | 2;
}

/**
 * loss = mean of |x - target|^power over all elements, excluding padding; loss is [1, 1, 1, 1].
 *
 * @throws {ShapeError} unless x and target have one shape and loss is [1, 1, 1, 1].
 */
export function lossForward<B>(
  context: KernelContext<B>,
  { x, target, loss }: Tensors<B, 'x' | 'target' | 'loss'>,
  { power }: LossAttributes,
): KernelCall<B>[] {
  requireSameShape('lossForward', { x, target });
  requireShape('lossForward', { loss }, [1, 1, 1, 1], 'one mean for all');
  const { traits, label } = context;
  const length = storedLength(x.shape, x.layout) / 4;
  const count = elementCount(x.shape);
  const { workgroup, strip, strips, partials } = splitsOf(context, 1, 1, length);
  const sums = context.scratch(4 * partials);
  const params = { length, strip, partials, factor: 1 / count };
  return [
    {
      kernel: partialSums,
      label,
      constants: { WORKGROUP: workgroup, POWER: power },
      params,
      bindings: [x.buffer, target.buffer, sums],
      dispatch: foldWorkgroups(traits, strips),
      flops: 3 * count,
      bytes: bytesOf(x, target),
    },
    {
      kernel: total,
      label,
      constants: { LANES: finalLanes(context) },
      params,
      bindings: [sums, loss.buffer],
      dispatch: [1, 1, 1],
      flops: partials,
      bytes: 4 * partials,
    },
  ];
}

/**
 * dx = dloss power (x - target)^(power - 1) / count; of the absolute error dloss sign(x - target) / count.
 *
 * @throws {ShapeError} unless x, target and dx have one shape and dloss is [1, 1, 1, 1].
 */
export function lossBackward<B>(
  context: KernelContext<B>,
  { x, target, dloss, dx }: Tensors<B, 'x' | 'target' | 'dloss' | 'dx'>,
  { power }: LossAttributes,
): KernelCall<B>[] {
  requireSameShape('lossBackward', { x, target, dx });
  requireShape('lossBackward', { dloss }, [1, 1, 1, 1], 'the gradient of one mean');
  return [
    pointwiseCall(context, {
      kernel: gradient,
      constants: { POWER: power },
      tensors: [x, target, dx, dloss],
      params: { partials: 0, factor: power / elementCount(x.shape) },
      flops: 2,
    }),
  ];
}
