/**
 * The float64 oracle: every operator on dense NCHW arrays, written to be obviously right, not fast.
 * `reference.test.ts` checks it against its own finite differences and against values worked out by hand.
 */
export * from './balance-kernel';
export * from './batch-norm';
export * from './bilateral-slice';
export * from './conv-transpose2d';
export * from './conv2d';
export * from './dense';
export * from './drht';
export * from './elementwise';
export * from './pointwise';
export * from './spatial';
