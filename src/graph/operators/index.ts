export { type AdamAttributes, type AdamMoments, adam, adamSchedule } from './adam';
export * from './balance-kernel';
export { type BatchNormAttributes, batchNorm, type NormParameters } from './batch-norm';
export { bilateralSlice } from './bilateral-slice';
export { concat } from './concat';
export { type Conv2dAttributes, conv2d, convTranspose2d } from './conv2d';
export {
  add,
  elementwiseOperators,
  elu,
  hdrBlend,
  log,
  logSquare,
  power,
  relu,
  sqrt,
  sumProduct,
  tanh,
} from './elementwise';
export { mae, mse } from './loss';
export { maxPool2x2 } from './max-pool';
export { movingAverage } from './moving-average';
export { replicate } from './replicate';
export { resizeBilinear } from './resize-bilinear';
export { shiftNorm } from './shift-norm';
