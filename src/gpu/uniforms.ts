/** WebGPU's default `minUniformBufferOffsetAlignment`; devices never require more. */
const SLICE_ALIGNMENT = 256;

/** All uniform blocks of a command list in one array; equal blocks share a slice. */
export interface UniformSlices {
  readonly bytes: Uint8Array<ArrayBuffer>;
  /** Position of each block; null for an empty one. Sizes are multiples of 16. */
  readonly slices: readonly ({ readonly offset: number; readonly size: number } | null)[];
}

export function layUniforms(blocks: readonly Uint8Array[]): UniformSlices {
  const known = new Map<string, { offset: number; size: number; block: Uint8Array }>();
  let end = 0;
  const slices = blocks.map((block) => {
    if (block.length === 0) return null;
    const key = block.join();
    const slice = known.get(key) ?? { offset: end, size: roundUp(block.length, 16), block };
    if (!known.has(key)) end += roundUp(slice.size, SLICE_ALIGNMENT);
    known.set(key, slice);
    return slice;
  });
  const bytes = new Uint8Array(end);
  for (const { offset, block } of known.values()) bytes.set(block, offset);
  return { bytes, slices };
}

const roundUp = (n: number, to: number): number => Math.ceil(n / to) * to;
