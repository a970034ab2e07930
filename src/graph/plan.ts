/** A buffer needed from one call to another, inclusive. */
export interface Lifetime {
  readonly bytes: number;
  readonly first: number;
  readonly last: number;
}

export interface Plan {
  /** Bytes of each buffer to create. */
  readonly buffers: readonly number[];
  /** For each lifetime the index of its buffer. */
  readonly assignment: readonly number[];
}

/**
 * Shares whole buffers between values that are never needed at the same call, so that no dispatch binds two of its
 * values in one buffer (WebGPU forbids binding a buffer for reading and writing at once). Greedy by size: the largest
 * value first, each into the smallest buffer that is free over its lifetime (Pisarchyk and Lee 2020, "Efficient
 * memory management for deep neural net inference", shared objects).
 */
export function planBuffers(lifetimes: readonly Lifetime[]): Plan {
  const buffers: { readonly bytes: number; readonly tenants: Lifetime[] }[] = [];
  const assignment = new Array<number>(lifetimes.length);
  const bySize = lifetimes.map((_, index) => index);
  bySize.sort((a, b) => lifetimes[b]!.bytes - lifetimes[a]!.bytes || a - b);
  for (const index of bySize) {
    const lifetime = lifetimes[index]!;
    // Buffers are created in decreasing order of size, so the last free one is the smallest.
    let chosen = buffers.findLastIndex(({ tenants }) => !tenants.some((tenant) => overlap(tenant, lifetime)));
    if (chosen < 0) chosen = buffers.push({ bytes: lifetime.bytes, tenants: [] }) - 1;
    buffers[chosen]!.tenants.push(lifetime);
    assignment[index] = chosen;
  }
  return { buffers: buffers.map(({ bytes }) => bytes), assignment };
}

const overlap = (a: Lifetime, b: Lifetime): boolean => a.first <= b.last && b.first <= a.last;
