import type { AdapterTraits } from '../gpu/types';

/**
 * What an operator needs to turn shapes into kernel calls. `scratch` names a temporary buffer that lives for
 * the operator's own calls only; whoever plans the memory provides it.
 */
export interface KernelContext<B> {
  readonly traits: AdapterTraits;
  /** Prefix of the labels of the calls: `local.0.conv1`. */
  readonly label: string;
  scratch(bytes: number): B;
}
