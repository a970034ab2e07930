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

/** Side of the view, and width of the photo. */
interface Sizes {
  readonly size: number;
  readonly width: number;
}

/** Along rows: at most `rows` of the photo, starting at the one named by the buffer `part`, to `size` samples each. */
export function photoViewAcross<B>(
  context: KernelContext<B>,
  /** `reduced`: [height of the photo][size] vec4. */
  buffers: Readonly<Record<'taps' | 'weights' | 'part' | 'profile' | 'photo' | 'reduced', B>>,
  /** `srgb`: whether the pixels are sRGB; otherwise `profile` has their tables. */
  { size, width, rows, srgb }: Sizes & { readonly rows: number; readonly srgb: boolean },
): KernelCall<B> {
  const { taps, weights, part, profile, photo, reduced } = buffers;
  return viewCall(context, { size, width }, rows * size, {
    kernel: acrossKernel,
    constants: { SRGB: Number(srgb) },
    bindings: [taps, weights, part, profile, photo, reduced],
    flops: 10 * rows * width,
    bytes: 4 * rows * width + 16 * rows * size,
  });
}

/** Along columns, of the whole photo: view [1, 3, size, size]. */
export function photoViewDown<B>(
  context: KernelContext<B>,
  { taps, weights, reduced, view }: Readonly<Record<'taps' | 'weights' | 'reduced' | 'view', B>>,
  { size, width, height }: Sizes & { readonly height: number },
): KernelCall<B> {
  return viewCall(context, { size, width }, size * size, {
    kernel: downKernel,
    constants: {},
    bindings: [taps, weights, reduced, view],
    flops: 8 * height * size,
    bytes: 16 * (height * size + size * size),
  });
}

function viewCall<B>(
  { label, policy: { workgroup }, traits }: KernelContext<B>,
  { size, width }: Sizes,
  outputs: number,
  pass: Pick<KernelCall<B>, 'kernel' | 'constants' | 'bindings' | 'flops' | 'bytes'>,
): KernelCall<B> {
  return {
    ...pass,
    label,
    constants: { ...pass.constants, WORKGROUP: workgroup },
    params: { size, photo_w: width },
    dispatch: foldWorkgroups(traits, ceilDivide(outputs, workgroup)),
  };
}
