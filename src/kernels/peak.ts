import code from '../../shaders/peak_multiply_add.wgsl?raw';
import type { KernelCall } from '../gpu/kernel-call';
import type { AdapterTraits } from '../gpu/types';
import type { KernelContext } from './context';
import type { KernelPolicy } from './policy';
import type { Tensor } from './tensor';

/** Chains times links in `peak_multiply_add.wgsl`, two operations each. */
const FLOPS_PER_TURN = 12 * 8 * 2;
const TURNS = 1024;

/**
 * Enough invocations to keep an adapter busy; on software adapters one subgroup per workgroup, as for our own
 * kernels.
 */
export function peakInvocations({ isSoftware }: AdapterTraits, { streaming }: KernelPolicy): number {
  return streaming.workgroup * (isSoftware ? 256 : 8192);
}

/** Pure multiply-adds in registers, to measure an adapter's peak. y: [1, 1, 1, invocations]. */
export function multiplyAdds<B>({ label, policy }: KernelContext<B>, y: Tensor<B>): KernelCall<B> {
  const invocations = y.shape[3];
  const { workgroup } = policy.streaming;
  return {
    kernel: { name: 'peak_multiply_add', code },
    label,
    constants: { WORKGROUP: workgroup },
    params: { turns: TURNS, m: 0.9, q: 0.1 },
    bindings: [y.buffer],
    dispatch: [invocations / workgroup, 1, 1],
    flops: invocations * TURNS * FLOPS_PER_TURN,
    bytes: 4 * invocations,
  };
}
