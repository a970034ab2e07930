import { channelSum as channelSumKernel } from '../../kernels/channel-sum';
import type { SymbolicTensor } from '../graph';

/** Sum over N, H and W: x [N, C, H, W] to [1, C, 1, 1]. The gradient of a bias; has no derivative itself. */
export function channelSum(x: SymbolicTensor, name: string, label: string): SymbolicTensor {
  return x.graph.node({
    operator: 'channelSum',
    label,
    inputs: { x },
    outputs: { y: { name, shape: [1, x.shape[1], 1, 1] } },
    emit: channelSumKernel,
  }).y;
}
