import type { KernelCall } from '../../gpu/kernel-call';
import { chooseConvolution } from '../choice';
import type { KernelContext } from '../context';
import type { Tensor } from '../tensor';
import { directGather } from './direct';
import type { Gather } from './lattice';
import { subgroupGather } from './subgroup';

export interface GatherTensors<B> {
  readonly x: Tensor<B>;
  /** Reduction channels on the input axis: [channels of y, channels of x, KH, KW]. */
  readonly w: Tensor<B>;
  readonly y: Tensor<B>;
  readonly bias?: Tensor<B> | undefined;
}

/** One gather: y = act(x * w + bias) on one phase of y, by the family that the adapter and the shape get. */
export function gatherCalls<B>(
  context: KernelContext<B>,
  tensors: GatherTensors<B>,
  gather: Gather,
  relu: boolean,
): KernelCall<B>[] {
  const choice = chooseConvolution(context, gather);
  switch (choice.family) {
    case 'subgroup':
      return [subgroupGather(context, tensors, gather, relu, choice)];
    case 'direct':
      return [directGather(context, tensors, gather, relu, choice)];
  }
}
