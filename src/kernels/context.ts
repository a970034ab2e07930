import type { AdapterTraits } from '../gpu/types';
import type { KernelPolicy } from './policy';

/** The adapter, and the policy by which its kernels are chosen. */
export interface Choosing {
  readonly traits: AdapterTraits;
  readonly policy: KernelPolicy;
}

/**
 * All that an operator needs to turn shapes into kernel calls. `scratch` names a temporary buffer that lives for
 * the operator's own calls only; whoever plans the memory provides it.
 */
export interface KernelContext<B> extends Choosing {
  /** Prefix of the labels of the calls: `local.0.conv1`. */
  readonly label: string;
  scratch(bytes: number): B;
}
