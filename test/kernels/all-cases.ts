import { cases as bilateralModel } from '../enhance/bilateral-model.cases';
import { cases as tiles } from '../enhance/exact-tiles.cases';
import { cases as gradients } from '../graph/gradients.cases';
import { cases as halfPrecision } from '../graph/half-precision.cases';
import { cases as elementwise } from '../operators/elementwise.cases';
import { cases as batchNorm } from './batch-norm.cases';
import { cases as bilateralSlice } from './bilateral-slice.cases';
import { cases as convolution } from './convolution.cases';
import { cases as updates } from './elementwise.cases';
import type { KernelCase } from './harness';
import { cases as spatial } from './spatial.cases';

/** Every kernel case by subject: run in Node by `kernels.test.ts`, in Chrome by the browser's test. */
export const allCases: Readonly<Record<string, readonly KernelCase[]>> = {
  convolution,
  elementwise,
  updates,
  spatial,
  batchNorm,
  bilateralSlice,
  gradients,
  halfPrecision,
  tiles,
  bilateralModel,
};
