import type { Param } from './kernel-call';

/** WebGPU's default `minUniformBufferOffsetAlignment`; no device may ask for more. */
const SLICE_ALIGNMENT = 256;

/** All uniform blocks of a command list in one array; equal blocks share a slice. */
export interface UniformSlices {
  readonly bytes: Uint8Array<ArrayBuffer>;
  /** Per block its place, or null for a block without words. Sizes are multiples of 16. */
  readonly slices: readonly ({ readonly offset: number; readonly size: number } | null)[];
}

export function layUniforms(blocks: readonly (readonly Param[])[]): UniformSlices {
  const slices: ({ offset: number; size: number } | null)[] = [];
  const known = new Map<string, { offset: number; size: number }>();
  const placed: { offset: number; params: readonly Param[] }[] = [];
  let end = 0;
  for (const params of blocks) {
    if (params.length === 0) {
      slices.push(null);
      continue;
    }
    const key = JSON.stringify(params);
    let slice = known.get(key);
    if (!slice) {
      slice = { offset: end, size: Math.ceil((4 * params.length) / 16) * 16 };
      known.set(key, slice);
      placed.push({ offset: end, params });
      end += Math.ceil(slice.size / SLICE_ALIGNMENT) * SLICE_ALIGNMENT;
    }
    slices.push(slice);
  }
  const bytes = new Uint8Array(end);
  const view = new DataView(bytes.buffer);
  for (const { offset, params } of placed) {
    for (const [at, param] of params.entries()) writeWord(view, offset + 4 * at, param);
  }
  return { bytes, slices };
}

function writeWord(view: DataView, offset: number, param: Param): void {
  if (typeof param === 'number') view.setUint32(offset, param, true);
  else if ('f32' in param) view.setFloat32(offset, param.f32, true);
  else view.setInt32(offset, param.i32, true);
}
