/**
 * Finds the end of the pixels of a JPEG without an end mark, if they are complete, by reading its Huffman codes. Some
 * cameras omit only the mark, and a truncated file looks the same from outside.
 *
 * Source: ISO/IEC 10918-1 A.2 (order of blocks), B.2 (frame, tables, scan, restart interval), F.2 (sequential
 * decoding), G.1 (progressive coding).
 */

import { viewOf } from './bytes';
import { BitReader, type HuffmanTable, readTables } from './jpeg-codes';

interface Component {
  readonly id: number;
  /** Blocks per unit in interleaved scans. */
  readonly across: number;
  readonly down: number;
  /** Blocks of the picture, without and with those that fill the last units. */
  readonly width: number;
  readonly height: number;
  readonly paddedWidth: number;
  /** For each coefficient, the number of low bits still missing; 16 before its first scan. */
  readonly missing: Uint8Array;
  /** One bit for each nonzero coefficient; only for progressive pictures. */
  readonly nonZero: Uint8Array;
}

interface Frame {
  readonly isProgressive: boolean;
  readonly components: readonly Component[];
  /** Number of units with all components. */
  readonly across: number;
  readonly down: number;
}

interface Part {
  readonly component: Component;
  readonly dc: HuffmanTable | undefined;
  readonly ac: HuffmanTable | undefined;
}

/** Coefficients `first` to `last`, from bit `high` (0 in the first scan) down to bit `low`. */
interface Band {
  readonly first: number;
  readonly last: number;
  readonly high: number;
  readonly low: number;
}

const NEVER_SEEN = 16;

/** The limit of decoders; each scan may cover the whole picture at the cost of a few bytes. */
const MOST_SCANS = 100;

/**
 * The offset after the last byte of the pixels; undefined if some are missing, or if the JPEG is neither sequential
 * nor progressive with Huffman codes.
 */
export function endOfPixels(file: Uint8Array): number | undefined {
  const data = viewOf(file);
  const tables = new Map<number, HuffmanTable>();
  let frame: Frame | undefined;
  let restart = 0;
  let scans = 0;
  for (let at = 2; at + 4 <= file.length && scans <= MOST_SCANS; ) {
    const marker = file[at + 1]!;
    if (file[at] !== 0xff || marker === 0xff || marker === 0) {
      at += 1;
      continue;
    }
    if (marker === 0xd9) break;
    if (marker === 0x01 || (marker >= 0xd0 && marker <= 0xd8)) {
      at += 2;
      continue;
    }
    const [start, end] = [at + 4, at + 2 + data.getUint16(at + 2)];
    if (end > file.length || end < start) return undefined;
    at = end;
    if (marker === 0xdd && end - start >= 2) restart = data.getUint16(start);
    else if (marker === 0xc4) readTables(file, start, end, tables);
    else if (marker >= 0xc0 && marker <= 0xc2) frame = readFrame(file.subarray(start, end), marker === 0xc2);
    else if (marker === 0xda) {
      scans++;
      const behind = frame && readScan(file, start, frame, tables, restart);
      if (!frame || behind === undefined) return undefined;
      if (isWhole(frame)) return behind;
      at = behind;
    }
  }
  return undefined;
}

const isWhole = ({ components }: Frame): boolean =>
  components.every(({ missing }) => missing.every((bits) => bits === 0));

/** Larger pictures would take too much time and memory. */
const MOST_BLOCKS = 2 ** 24;

function readFrame(payload: Uint8Array, isProgressive: boolean): Frame | undefined {
  const count = payload[5] ?? 0;
  if (count === 0 || payload.length < 6 + 3 * count) return undefined;
  const [height, width] = [viewOf(payload).getUint16(1), viewOf(payload).getUint16(3)];
  const factors = Array.from({ length: count }, (_, i) => {
    const [id, sampling] = [payload[6 + 3 * i]!, payload[7 + 3 * i]!];
    return { id, across: sampling >> 4, down: sampling & 15 };
  });
  const [mostAcross, mostDown] = [
    Math.max(...factors.map(({ across }) => across)),
    Math.max(...factors.map(({ down }) => down)),
  ];
  if (width * height === 0 || factors.some(({ across, down }) => across * down === 0)) return undefined;
  const [across, down] = [Math.ceil(width / (8 * mostAcross)), Math.ceil(height / (8 * mostDown))];
  const blocks = factors.reduce((sum, factor) => sum + across * factor.across * down * factor.down, 0);
  if (blocks > MOST_BLOCKS) return undefined;
  const components = factors.map((factor): Component => {
    const paddedWidth = across * factor.across;
    return {
      ...factor,
      width: Math.ceil(Math.ceil((width * factor.across) / mostAcross) / 8),
      height: Math.ceil(Math.ceil((height * factor.down) / mostDown) / 8),
      paddedWidth,
      missing: new Uint8Array(64).fill(NEVER_SEEN),
      nonZero: new Uint8Array(isProgressive ? 8 * paddedWidth * down * factor.down : 0),
    };
  });
  return { isProgressive, components, across, down };
}

/** Returns the end of the scan; undefined if it is incomplete. `at` is the offset of its header's payload. */
function readScan(
  file: Uint8Array,
  at: number,
  frame: Frame,
  tables: ReadonlyMap<number, HuffmanTable>,
  restart: number,
): number | undefined {
  const count = file[at] ?? 0;
  const behind = at + 1 + 2 * count;
  if (count === 0 || behind + 3 > file.length) return undefined;
  const parts: Part[] = [];
  for (let i = 0; i < count; i++) {
    const component = frame.components.find(({ id }) => id === file[at + 1 + 2 * i]);
    const choice = file[at + 2 + 2 * i]!;
    if (!component) return undefined;
    parts.push({ component, dc: tables.get(choice >> 4), ac: tables.get(0x10 | (choice & 15)) });
  }
  const [first, last, bits] = [file[behind]!, file[behind + 1]!, file[behind + 2]!];
  const band: Band = frame.isProgressive
    ? { first, last, high: bits >> 4, low: bits & 15 }
    : { first: 0, last: 63, high: 0, low: 0 };
  if (band.last > 63 || band.first > band.last) return undefined;
  if (frame.isProgressive && (band.first === 0 ? band.last > 0 : count > 1)) return undefined;
  const reader = new ScanReader(new BitReader(file, behind + 3), frame.isProgressive, band);
  if (!readUnits(reader, frame, parts, restart)) return undefined;
  for (const { component } of parts) component.missing.fill(band.low, band.first, band.last + 1);
  return reader.bits.position;
}

function readUnits(reader: ScanReader, frame: Frame, parts: readonly Part[], restart: number): boolean {
  // A single component is coded block by block, without those that fill units.
  const [only] = parts;
  const isAlone = parts.length === 1 && only !== undefined;
  const [across, down] = isAlone ? [only.component.width, only.component.height] : [frame.across, frame.down];
  for (let unit = 0; unit < across * down; unit++) {
    if (restart > 0 && unit > 0 && unit % restart === 0 && !reader.restart()) return false;
    const [x, y] = [unit % across, Math.floor(unit / across)];
    if (isAlone) {
      if (!reader.block(only, y * only.component.paddedWidth + x)) return false;
      continue;
    }
    for (const part of parts) {
      const { component } = part;
      for (let v = 0; v < component.down; v++) {
        const row = (y * component.down + v) * component.paddedWidth + x * component.across;
        for (let h = 0; h < component.across; h++) if (!reader.block(part, row + h)) return false;
      }
    }
  }
  return true;
}

/** The blocks of one scan. */
class ScanReader {
  /** Number of blocks ahead with corrections only. */
  #emptyBlocks = 0;

  constructor(
    readonly bits: BitReader,
    private readonly isProgressive: boolean,
    private readonly band: Band,
  ) {}

  restart(): boolean {
    this.#emptyBlocks = 0;
    return this.bits.restart();
  }

  /** False if the codes end or are invalid. */
  block({ component, dc, ac }: Part, index: number): boolean {
    const { first, high } = this.band;
    if (!this.isProgressive)
      return dc !== undefined && ac !== undefined && this.#dc(dc) && this.#sequential(ac);
    if (first === 0) return high > 0 ? this.bits.skip(1) : dc !== undefined && this.#dc(dc);
    if (!ac) return false;
    const nonZero = component.nonZero.subarray(8 * index, 8 * index + 8);
    return high > 0 ? this.#refine(ac, nonZero) : this.#begin(ac, nonZero);
  }

  #dc(table: HuffmanTable): boolean {
    const size = this.bits.symbol(table);
    return size >= 0 && size <= 16 && this.bits.skip(size);
  }

  #sequential(table: HuffmanTable): boolean {
    for (let k = 1; k < 64; k++) {
      const symbol = this.bits.symbol(table);
      if (symbol < 0) return false;
      if (symbol === 0) return true;
      k += symbol >> 4;
      if (!this.bits.skip(symbol & 15)) return false;
    }
    return true;
  }

  /** The first bits of coefficients. */
  #begin(table: HuffmanTable, nonZero: Uint8Array): boolean {
    if (this.#emptyBlocks > 0) {
      this.#emptyBlocks--;
      return true;
    }
    for (let k = this.band.first; k <= this.band.last; k++) {
      const symbol = this.bits.symbol(table);
      if (symbol < 0) return false;
      const [run, size] = [symbol >> 4, symbol & 15];
      if (size === 0 && run < 15) return this.#endOfBand(run);
      k += run;
      if (size > 0) {
        if (k > this.band.last || !this.bits.skip(size)) return false;
        mark(nonZero, k);
      }
    }
    return true;
  }

  /** One more bit of the nonzero coefficients, and of those that become nonzero. */
  #refine(table: HuffmanTable, nonZero: Uint8Array): boolean {
    let k = this.band.first;
    for (; this.#emptyBlocks === 0 && k <= this.band.last; k++) {
      const symbol = this.bits.symbol(table);
      if (symbol < 0) return false;
      const [run, size] = [symbol >> 4, symbol & 15];
      if (size > 1) return false;
      if (size === 0 && run < 15) {
        if (!this.#endOfBand(run)) return false;
        // Includes this block.
        this.#emptyBlocks++;
        break;
      }
      if (size === 1 && !this.bits.skip(1)) return false;
      for (let zeros = run; k <= this.band.last; k++) {
        if (isMarked(nonZero, k)) {
          if (!this.bits.skip(1)) return false;
        } else if (zeros-- === 0) break;
      }
      if (size === 1) {
        if (k > this.band.last) return false;
        mark(nonZero, k);
      }
    }
    if (this.#emptyBlocks === 0) return true;
    this.#emptyBlocks--;
    for (; k <= this.band.last; k++) if (isMarked(nonZero, k) && !this.bits.skip(1)) return false;
    return true;
  }

  /** Nothing new in 2^run blocks plus the number in the next `run` bits, including this one. */
  #endOfBand(run: number): boolean {
    const more = this.bits.number(run);
    this.#emptyBlocks = 2 ** run + more - 1;
    return more >= 0;
  }
}

const mark = (bits: Uint8Array, k: number): void => {
  bits[k >> 3]! |= 1 << (k & 7);
};
const isMarked = (bits: Uint8Array, k: number): boolean => ((bits[k >> 3]! >> (k & 7)) & 1) === 1;
