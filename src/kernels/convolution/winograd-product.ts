import matrixCode from '../../../shaders/winograd_product_matrix.wgsl?raw';
import quadCode from '../../../shaders/winograd_product_quad.wgsl?raw';
import subgroupCode from '../../../shaders/winograd_product_subgroup.wgsl?raw';
import type { KernelCall, KernelSource } from '../../gpu/kernel-call';
import type { WinogradChoice } from '../choice';
import type { KernelContext } from '../context';
import { blocks } from '../tensor';
import { POINTS, pointStride, pointsBytes } from './winograd-tiles';

const matrixKernel: KernelSource = { name: 'winograd_product_matrix', code: matrixCode };
const subgroupKernel: KernelSource = {
  name: 'winograd_product_subgroup',
  code: subgroupCode,
  features: ['subgroups'],
};

const quadKernel: KernelSource = { name: 'winograd_product_quad', code: quadCode, features: ['subgroups'] };

/** Operands of 36 matrix products: sums of `terms`. */
export interface ProductOperands<B> {
  /** [36][ceil(terms / 4)][rows] vec4; rows a multiple of 32. */
  readonly a: B;
  /** [36][ceil(terms / 4)][columns] vec4; columns a multiple of 4. */
  readonly b: B;
  readonly terms: number;
  readonly rows: number;
  readonly columns: number;
}

/** The products in scratch, [36][columns/4][rows] vec4 over columns, and the call that makes them. */
export function winogradProduct<B>(
  context: KernelContext<B>,
  { a, b, terms, rows, columns }: ProductOperands<B>,
  { product, workgroup }: WinogradChoice,
): { product: B; call: KernelCall<B> } {
  const result = context.scratch(pointsBytes(columns, rows));
  const call = {
    label: context.label,
    params: {
      ...{ blocks: blocks(terms), rows, columns, a_point: pointStride(terms, rows) },
      ...{ b_point: pointStride(terms, columns), c_point: pointStride(columns, rows) },
    },
    bindings: [a, b, result],
    flops: 0,
    bytes: 0,
  };
  return { product: result, call: { ...call, ...kernelOf(product, workgroup, rows, columns) } };
}

/** Sizes that fit one binding stay far below the limit of workgroups. */
function kernelOf(
  product: WinogradChoice['product'],
  workgroup: number,
  rows: number,
  columns: number,
): Pick<KernelCall<never>, 'kernel' | 'constants' | 'dispatch'> {
  switch (product) {
    case 'subgroup':
      return {
        kernel: subgroupKernel,
        constants: {},
        dispatch: [rows / 32, Math.ceil(columns / 32), POINTS],
      };
    case 'quad':
      return {
        kernel: quadKernel,
        constants: {},
        dispatch: [Math.ceil(rows / 64), Math.ceil(columns / 32), POINTS],
      };
    case 'matrix': {
      const invocations = (rows / 8) * Math.ceil(columns / 16);
      return {
        kernel: matrixKernel,
        constants: { WORKGROUP: workgroup },
        dispatch: [Math.ceil(invocations / workgroup), 1, POINTS],
      };
    }
  }
}
