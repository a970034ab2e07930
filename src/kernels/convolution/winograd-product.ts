import directCode from '../../../shaders/winograd_product_direct.wgsl?raw';
import subgroupCode from '../../../shaders/winograd_product_subgroup.wgsl?raw';
import type { KernelCall, KernelSource } from '../../gpu/kernel-call';
import type { Choosing, KernelContext } from '../context';
import { blocks } from '../tensor';
import { POINTS, pointStride, pointsBytes } from './winograd-tiles';

const directKernel: KernelSource = { name: 'winograd_product_direct', code: directCode };
const subgroups = { code: subgroupCode, features: ['subgroups'] } as const;
const quadKernel: KernelSource = { name: 'winograd_product_quad', entryPoint: 'quad', ...subgroups };
const eightKernel: KernelSource = { name: 'winograd_product_subgroup', entryPoint: 'eight', ...subgroups };

/** Operands of 36 matrix products: sums of `terms`. */
interface ProductOperands<B> {
  /** [36][ceil(terms / 4)][rows] vec4; rows a multiple of 32. */
  readonly a: B;
  /** [36][ceil(terms / 4)][columns] vec4; columns a multiple of 4. */
  readonly b: B;
  readonly terms: number;
  readonly rows: number;
  readonly columns: number;
}

/** The products in scratch, [36][columns/4][rows] vec4 over columns, and the call that computes them. */
export function winogradProduct<B>(
  context: KernelContext<B>,
  { a, b, terms, rows, columns }: ProductOperands<B>,
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
  return { product: result, call: { ...call, ...kernelOf(context, rows, columns) } };
}

/**
 * The kernel for 8 lanes, for quads of lanes, or for all other adapters, with its dispatch. Sizes that fit one
 * binding stay far below the limit on workgroups.
 */
function kernelOf(
  { traits, policy }: Choosing,
  rows: number,
  columns: number,
): Pick<KernelCall<never>, 'kernel' | 'constants' | 'dispatch'> {
  const columnTiles = Math.ceil(columns / 32);
  if (traits.subgroupSize === 8) {
    return { kernel: eightKernel, constants: {}, dispatch: [rows / 32, columnTiles, POINTS] };
  }
  if (traits.isSoftware && traits.subgroupSize >= 4) {
    return { kernel: quadKernel, constants: {}, dispatch: [Math.ceil(rows / 64), columnTiles, POINTS] };
  }
  const { workgroup } = policy;
  const invocations = (rows / 8) * Math.ceil(columns / 16);
  return {
    kernel: directKernel,
    constants: { WORKGROUP: workgroup },
    dispatch: [Math.ceil(invocations / workgroup), 1, POINTS],
  };
}
