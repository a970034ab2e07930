import { cases as bilateralModel } from '../enhance/bilateral-model.cases';
import { cases as tiles } from '../enhance/exact-tiles.cases';
import { cases as packedPhoto } from '../enhance/packed-photo.cases';
import { cases as gradients } from '../graph/gradients.cases';
import { cases as halfPrecision } from '../graph/half-precision.cases';
import type { KernelCase } from './harness';
import type { Refusal } from './refusals';

/** The exports of a file in `test/operators`. */
interface OperatorTests {
  readonly cases: readonly KernelCase[];
  readonly refused?: readonly Refusal[];
}

/** By the name of the operator's file: a new file needs no entry anywhere. */
export const operators: Readonly<Record<string, OperatorTests>> = Object.fromEntries(
  Object.entries(import.meta.glob<OperatorTests>('../operators/*.cases.ts', { eager: true })).map(
    ([path, tests]) => [/([^/]+)\.cases\.ts$/.exec(path)![1]!, tests],
  ),
);

/** Every case by subject: run in Node by `kernels.test.ts`, in Chrome and Firefox by the browser's tests. */
export const allCases: Readonly<Record<string, readonly KernelCase[]>> = {
  ...Object.fromEntries(Object.entries(operators).map(([name, { cases }]) => [name, cases])),
  gradients,
  halfPrecision,
  tiles,
  bilateralModel,
  packedPhoto,
};
