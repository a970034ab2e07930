import type { AdapterTraits } from '../../src/gpu/types';
import type { KernelContext } from '../../src/kernels/context';
import type { KernelPolicy } from '../../src/kernels/policy';
import type { Layout, Shape, Tensor } from '../../src/kernels/tensor';

/** A refused call, and its message. */
export type Refusal = readonly [message: RegExp, make: () => unknown];

/** Shapes are checked before the adapter is used. */
export const context: KernelContext<string> = {
  traits: {} as AdapterTraits,
  policy: {} as KernelPolicy,
  label: '',
  scratch: () => 'scratch',
};

export const t = (shape: Shape, layout: Layout = 'activation'): Tensor<string> => ({
  shape,
  layout,
  buffer: '',
});

/** A tensor, one of another shape, one of another layout, and a vector over its channels. */
export const x = t([2, 3, 4, 5]);
export const wrong = t([2, 3, 5, 4]);
export const weight = t([2, 3, 4, 5], 'weight');
export const v = t([1, 3, 1, 1]);
