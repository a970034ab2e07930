import code from '../../shaders/photo_view.wgsl?raw';
import type { KernelCall, KernelSource } from '../gpu/kernel-call';
import type { KernelContext } from './context';
import { ceilDivide, foldWorkgroups } from './dispatch';

const acrossKernel: KernelSource = { name: 'photo_view_across', code, entryPoint: 'across' };
const downKernel: KernelSource = { name: 'photo_view_down', code, entryPoint: 'down' };

/** Sources of one output sample: neighbouring inputs and their weights, which sum to 1. */
export interface Taps {
  readonly start: number;
  readonly weights: readonly number[];
}

/** The arrays `taps` and `weights` of the shader. */
export function encodeTaps(taps: readonly Taps[]): {
  taps: Uint32Array<ArrayBuffer>;
  weights: Float32Array<ArrayBuffer>;
} {
  let begin = 0;
  const table = taps.flatMap(({ start, weights }) => {
    const end = begin + weights.length;
    const entry = [start, begin, end];
    begin = end;
    return entry;
  });
  return {
    taps: Uint32Array.from(table),
    weights: Float32Array.from(taps.flatMap(({ weights }) => weights)),
  };
}

/** Along rows: at most `rows` of the photo, starting at the one named by the buffer `part`, to `size` samples each. */
export function photoViewAcross<B>(
  context: KernelContext<B>,
  buffers: {
    readonly taps: B;
    readonly weights: B;
    readonly part: B;
    readonly profile: B;
    readonly photo: B;
    /** [height of the photo][size] vec4 */
    readonly reduced: B;
  },
  { size, width, rows }: { readonly size: number; readonly width: number; readonly rows: number },
): KernelCall<B> {
  const { taps, weights, part, profile, photo, reduced } = buffers;
  const { workgroup } = context.policy;
  return {
    kernel: acrossKernel,
    label: context.label,
    constants: { WORKGROUP: workgroup },
    params: { size, photo_w: width },
    bindings: [taps, weights, part, profile, photo, reduced],
    dispatch: foldWorkgroups(context.traits, ceilDivide(rows * size, workgroup)),
    flops: 10 * rows * width,
    bytes: 4 * rows * width + 16 * rows * size,
  };
}

/** Along columns, of the whole photo: view [1, 3, size, size]. */
export function photoViewDown<B>(
  context: KernelContext<B>,
  {
    taps,
    weights,
    reduced,
    view,
  }: { readonly taps: B; readonly weights: B; readonly reduced: B; readonly view: B },
  { size, width, height }: { readonly size: number; readonly width: number; readonly height: number },
): KernelCall<B> {
  const { workgroup } = context.policy;
  return {
    kernel: downKernel,
    label: context.label,
    constants: { WORKGROUP: workgroup },
    params: { size, photo_w: width },
    bindings: [taps, weights, reduced, view],
    dispatch: foldWorkgroups(context.traits, ceilDivide(size * size, workgroup)),
    flops: 8 * height * size,
    bytes: 16 * (height * size + size * size),
  };
}
