/** A named array, dense, in PyTorch's shape and order. */
export interface StateTensor {
  readonly shape: readonly number[];
  readonly data: Float32Array;
}

/** Everything a network has learnt, under PyTorch's names. */
export type StateDict = ReadonlyMap<string, StateTensor>;
