/**
 * Seeded pseudo-random numbers: xoshiro128** (D. Blackman, S. Vigna, "Scrambled linear pseudorandom number
 * generators", ACM TOMS 47(4), 2021). Seeds and labels are spread over its 128 bits by MurmurHash3's 32-bit rounds.
 * Not for cryptography.
 *
 * `fork` derives independent streams from the seed and a label alone, regardless of how many numbers were drawn, so a
 * stream can gain a new consumer without shifting the others.
 */
export class Random {
  readonly #key: Uint32Array;
  readonly #words: Uint32Array;

  /** @param seed any number or string; equal seeds give equal streams. */
  constructor(seed: number | string) {
    this.#key = expand(seed, [0, 0, 0, 0]);
    this.#words = this.#key.slice();
  }

  /** The state of xoshiro128**, as unsigned integers. */
  get words(): readonly number[] {
    return [...this.#words];
  }

  /** An independent stream for `label`: a pure function of this stream's seed and the label. */
  fork(label: number | string): Random {
    const child = new Random(0);
    child.#key.set(expand(label, this.#key));
    child.#words.set(child.#key);
    return child;
  }

  /** 32 random bits as an unsigned integer. */
  uint32(): number {
    const s = this.#words;
    const [s0, s1, s2, s3] = s as unknown as [number, number, number, number];
    const result = Math.imul(rotateLeft(Math.imul(s1, 5), 7), 9) >>> 0;
    const mixed2 = s2 ^ s0;
    const mixed3 = s3 ^ s1;
    s[1] = s1 ^ mixed2;
    s[0] = s0 ^ mixed3;
    s[2] = mixed2 ^ (s1 << 9);
    s[3] = rotateLeft(mixed3, 11);
    return result;
  }

  /** Uniform in [low, high), 53 bits. */
  uniform(low = 0, high = 1): number {
    const unit = ((this.uint32() >>> 5) * 2 ** 26 + (this.uint32() >>> 6)) / 2 ** 53;
    return low + (high - low) * unit;
  }

  /** Normal with the given mean and standard deviation (Box and Muller, one value per call). */
  normal(mean = 0, deviation = 1): number {
    const radius = Math.sqrt(-2 * Math.log(1 - this.uniform()));
    return mean + deviation * radius * Math.cos(2 * Math.PI * this.uniform());
  }

  /** Uniform integer in 0 .. count - 1 without bias; `count` is 1 .. 2^32. */
  integer(count: number): number {
    const limit = 2 ** 32 - (2 ** 32 % count);
    for (;;) {
      const value = this.uint32();
      if (value < limit) return value % count;
    }
  }

  /** True with the given probability. */
  chance(probability: number): boolean {
    return this.uniform() < probability;
  }

  /** Shuffles in place (Fisher and Yates) and returns the same array. */
  shuffle<T>(items: T[]): T[] {
    for (let i = items.length - 1; i > 0; i--) {
      const j = this.integer(i + 1);
      const swapped = items[i] as T;
      items[i] = items[j] as T;
      items[j] = swapped;
    }
    return items;
  }
}

/** Hash of text to 32 bits: MurmurHash3 over its UTF-16 units. Stable across runs, machines and versions. */
export function hashText(text: string, seed = 0): number {
  let hash = seed | 0;
  for (let i = 0; i < text.length; i++) hash = murmurRound(hash, text.charCodeAt(i));
  return murmurFinish(hash ^ text.length);
}

/** Derives four words from a seed or label and a parent key, never all zero (the one state xoshiro cannot leave). */
function expand(label: number | string, parent: ArrayLike<number>): Uint32Array {
  // Includes the type so that 1 and '1' are different seeds.
  const text = `${typeof label}:${label}`;
  const words = new Uint32Array(4);
  for (let i = 0; i < 4; i++) {
    let hash = 0x9e3779b9 * (i + 1);
    for (let j = 0; j < 4; j++) hash = murmurRound(hash, parent[j] as number);
    words[i] = hashText(text, murmurFinish(hash));
  }
  if (words.every((word) => word === 0)) words[0] = 1;
  return words;
}

function murmurRound(hash: number, block: number): number {
  const mixed = Math.imul(rotateLeft(Math.imul(block, 0xcc9e2d51), 15), 0x1b873593);
  return (Math.imul(rotateLeft(hash ^ mixed, 13), 5) + 0xe6546b64) | 0;
}

function murmurFinish(value: number): number {
  let hash = value;
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return (hash ^ (hash >>> 16)) >>> 0;
}

function rotateLeft(value: number, bits: number): number {
  return (value << bits) | (value >>> (32 - bits));
}
