import type { KernelCall } from '../../gpu/kernel-call';
import { chooseConvolution } from '../choice';
import type { KernelContext } from '../context';
import type { Tensor } from '../tensor';
import { directGather } from './direct';
import type { Gather } from './lattice';
import { matrixGather } from './matrix';
import { subgroupGather } from './subgroup';
import { winogradGather } from './winograd';
import { workgroupGather } from './workgroup';

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
  const { x, y } = tensors;
  const size = { images: x.shape[0], inputs: x.shape[1], outputs: y.shape[1] };
  const choice = chooseConvolution(context, gather, size);
  switch (choice.family) {
    case 'winograd':
      return winogradGather(context, tensors, gather, relu, choice);
    case 'subgroup':
      return [subgroupGather(context, tensors, gather, relu, choice)];
    case 'matrix':
      return [matrixGather(context, tensors, gather, relu, choice)];
    case 'workgroup':
      return [workgroupGather(context, tensors, gather, relu, choice)];
    case 'direct':
      return [directGather(context, tensors, gather, relu, choice)];
  }
}
