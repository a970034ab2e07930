/**
 * Checks whether all pixels of a JPEG without an end mark are there, by reading its Huffman codes. Some cameras omit
 * only the mark, and a truncated file looks the same from outside.
 *
 * Source: ISO/IEC 10918-1 F.2 (sequential decoding), B.2 (frame, tables, scan, restart interval).
 */

import { viewOf } from './bytes';
import { segmentsOf } from './jpeg';

interface Component {
  readonly id: number;
  readonly across: number;
  readonly down: number;
}

/** For each code length: the smallest code, one beyond the largest, and the index of its first symbol. */
interface HuffmanTable {
  readonly first: readonly number[];
  readonly end: readonly number[];
  readonly offset: readonly number[];
  readonly symbols: Uint8Array;
}

/** Checks the scan at `scan`, marker included. False if the JPEG is not sequential, or not understood. */
export function hasAllBlocks(file: Uint8Array, scan: number): boolean {
  const frame = frameOf(file);
  if (!frame || file[scan + 1] !== 0xda || scan + 4 > file.length) return false;
  const header = scan + 4;
  const count = file[header]!;
  // Only a single scan with all components; with more scans the file may end in any of them.
  if (count !== frame.components.length) return false;
  const parts = frame.components.map((component, i) => {
    const tables = file[header + 2 + 2 * i]!;
    const [dc, ac] = [frame.tables.get(tables >> 4), frame.tables.get(0x10 | (tables & 15))];
    return dc && ac && { blocks: count === 1 ? 1 : component.across * component.down, dc, ac };
  });
  if (parts.some((part) => !part)) return false;
  const [across, down] = count === 1 ? [1, 1] : mostOf(frame.components);
  const units = Math.ceil(frame.width / (8 * across)) * Math.ceil(frame.height / (8 * down));
  const bits = new BitReader(file, scan + 2 + viewOf(file).getUint16(scan + 2));
  for (let unit = 0; unit < units; unit++) {
    if (frame.restart > 0 && unit > 0 && unit % frame.restart === 0 && !bits.restart()) return false;
    for (const part of parts) {
      for (let block = 0; block < part!.blocks; block++)
        if (!skipBlock(bits, part!.dc, part!.ac)) return false;
    }
  }
  return true;
}

const mostOf = (components: readonly Component[]): [number, number] => [
  Math.max(...components.map(({ across }) => across)),
  Math.max(...components.map(({ down }) => down)),
];

function frameOf(file: Uint8Array) {
  const data = viewOf(file);
  const tables = new Map<number, HuffmanTable>();
  let frame: { width: number; height: number; components: Component[] } | undefined;
  let restart = 0;
  for (const { marker, start, end } of segmentsOf(file)) {
    if (marker === 0xdd && end - start >= 2) restart = data.getUint16(start);
    if (marker === 0xc4) readTables(file, start, end, tables);
    if (marker !== 0xc0 && marker !== 0xc1) continue;
    if (end - start < 6 + 3 * (file[start + 5] ?? 0)) return undefined;
    const components = Array.from({ length: file[start + 5]! }, (_, i): Component => {
      const at = start + 6 + 3 * i;
      return { id: file[at]!, across: file[at + 1]! >> 4, down: file[at + 1]! & 15 };
    });
    frame = { height: data.getUint16(start + 1), width: data.getUint16(start + 3), components };
  }
  return frame && frame.width * frame.height > 0 ? { ...frame, tables, restart } : undefined;
}

function readTables(file: Uint8Array, from: number, end: number, tables: Map<number, HuffmanTable>): void {
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

/** False if the codes end or are invalid. */
function skipBlock(bits: BitReader, dc: HuffmanTable, ac: HuffmanTable): boolean {
  const size = bits.symbol(dc);
  if (size < 0 || size > 16 || !bits.skip(size)) return false;
  for (let k = 1; k < 64; k++) {
    const symbol = bits.symbol(ac);
    if (symbol < 0) return false;
    if (symbol === 0) return true;
    k += symbol >> 4;
    if (!bits.skip(symbol & 15)) return false;
  }
  return true;
}

/** Reads the bits of a scan, skipping the zeros stuffed after 255. */
class BitReader {
  #byte = 0;
  #left = 0;

  constructor(
    private readonly file: Uint8Array,
    private at: number,
  ) {}

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
