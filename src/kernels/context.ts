import type { AdapterTraits } from '../gpu/types';
import type { KernelPolicy } from './policy';

/** The adapter, and the policy by which its kernels are chosen. */
export interface Choosing {
  readonly traits: AdapterTraits;
  readonly policy: KernelPolicy;
}

/**
 * Everything an operator needs to turn shapes into kernel calls. `scratch` creates a temporary buffer that lives only
 * during the operator's own calls; the memory planner provides it.
 */
export interface KernelContext<B> extends Choosing {
  /** Prefix of the labels of the calls: `local.0.conv1`. */
  readonly label: string;
  scratch(bytes: number): B;
}
