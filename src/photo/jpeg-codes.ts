/**
 * Huffman codes of JPEG files, read bit by bit.
 *
 * Source: ISO/IEC 10918-1 C (tables), F.2.2 (decoding), B.1.1.5 (stuffed zeros).
 */

/** For each code length: the smallest code, one beyond the largest, and the index of its first symbol. */
export interface HuffmanTable {
  readonly first: readonly number[];
  readonly end: readonly number[];
  readonly offset: readonly number[];
  readonly symbols: Uint8Array;
}

/** Reads the tables of a segment, each by its class (0 or 0x10) and number. */
export function readTables(
  file: Uint8Array,
  from: number,
  end: number,
  tables: Map<number, HuffmanTable>,
): void {
  for (let at = from; at + 17 <= end; ) {
    const counts = file.subarray(at + 1, at + 17);
    const [first, ends, offset]: [number[], number[], number[]] = [[], [], []];
    let code = 0;
    let seen = 0;
    for (let length = 0; length < 16; length++) {
      first.push(code);
      offset.push(seen);
      code += counts[length]!;
      seen += counts[length]!;
      ends.push(code);
      code <<= 1;
    }
    if (at + 17 + seen > end) return;
    tables.set(file[at]!, { first, end: ends, offset, symbols: file.subarray(at + 17, at + 17 + seen) });
    at += 17 + seen;
  }
}

/** Reads the bits of a scan, skipping the zeros stuffed after 255. */
export class BitReader {
  #byte = 0;
  #left = 0;

  constructor(
    private readonly file: Uint8Array,
    private at: number,
  ) {}

  /** The byte after the bits read so far. */
  get position(): number {
    return this.at;
  }

  /** -1 at the end. */
  bit(): number {
    if (this.#left === 0) {
      if (this.at >= this.file.length) return -1;
      this.#byte = this.file[this.at]!;
      if (this.#byte === 0xff) {
        if (this.file[this.at + 1] !== 0) return -1;
        this.at++;
      }
      this.at++;
      this.#left = 8;
    }
    this.#left--;
    return (this.#byte >> this.#left) & 1;
  }

  skip(count: number): boolean {
    for (let i = 0; i < count; i++) if (this.bit() < 0) return false;
    return true;
  }

  /** A number of this many bits; -1 at the end. */
  number(count: number): number {
    let value = 0;
    for (let i = 0; i < count; i++) {
      const bit = this.bit();
      if (bit < 0) return -1;
      value = 2 * value + bit;
    }
    return value;
  }

  symbol({ first, end, offset, symbols }: HuffmanTable): number {
    let code = 0;
    for (let length = 0; length < 16; length++) {
      const bit = this.bit();
      if (bit < 0) return -1;
      code = (code << 1) | bit;
      if (code < end[length]! && code >= first[length]!)
        return symbols[offset[length]! + code - first[length]!] ?? -1;
    }
    return -1;
  }

  /** Skips past the next restart marker. */
  restart(): boolean {
    this.#left = 0;
    for (; this.at + 1 < this.file.length; this.at++) {
      if (this.file[this.at] !== 0xff) continue;
      const marker = this.file[this.at + 1]!;
      if (marker < 0xd0 || marker > 0xd7) continue;
      this.at += 2;
      return true;
    }
    return false;
  }
}
