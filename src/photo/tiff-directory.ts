/**
 * Directories of TIFF and BigTIFF files in either byte order. Values are copied only on request, and no more bytes
 * than the file has. Works on bytes, in browsers and Node.
 *
 * Sources: TIFF 6.0 section 2; BigTIFF (Aware Systems).
 */
import { copyOf, viewOf } from './bytes';

/**
 * Bytes per value of each type: byte, text, short, long, rational, the signed and floating-point types, and those of
 * BigTIFF.
 */
const TYPE_BYTES = [0, 1, 1, 2, 4, 8, 1, 1, 2, 4, 8, 4, 8, 4, 0, 0, 8, 8, 8];
/** Size of the units swapped when the byte order changes; a rational is two longs. */
const TYPE_WORDS = [0, 1, 1, 2, 4, 4, 1, 1, 2, 4, 4, 4, 8, 4, 0, 0, 8, 8, 8];

export interface TiffEntry {
  readonly tag: number;
  readonly type: number;
  readonly count: number;
  /** Offset of the value in the file, and its length in bytes. */
  readonly at: number;
  readonly bytes: number;
}

/** More than any writer needs. */
const MOST_ENTRIES = 4096;

export class TiffFile {
  readonly #data: DataView;
  readonly isLittle: boolean;
  readonly #isBig: boolean;
  /** Offset of the first directory. */
  readonly first: number;
  /** Bytes that may still be copied: overlapping values could otherwise multiply a small file. */
  #budget: number;

  private constructor(
    readonly file: Uint8Array,
    isLittle: boolean,
    isBig: boolean,
  ) {
    this.#data = viewOf(file);
    this.isLittle = isLittle;
    this.#isBig = isBig;
    this.#budget = 2 * file.length;
    this.first = isBig ? this.#u64(8) : this.#u32(4);
  }

  /** Undefined if the file is not a TIFF. */
  static open(file: Uint8Array): TiffFile | undefined {
    const isLittle = file[0] === 0x49;
    if (file.length < 8 || file[0] !== file[1] || (!isLittle && file[0] !== 0x4d)) return undefined;
    const version = viewOf(file).getUint16(2, isLittle);
    if (version !== 42 && !(version === 43 && file.length >= 16)) return undefined;
    return new TiffFile(file, isLittle, version === 43);
  }

  /** The entries whose values lie within the file. */
  entries(directory: number): TiffEntry[] {
    const [countBytes, entryBytes, inline] = this.#isBig ? [8, 20, 8] : [2, 12, 4];
    if (!(directory >= 8) || directory + countBytes > this.file.length) return [];
    const stated = this.#isBig ? this.#u64(directory) : this.#data.getUint16(directory, this.isLittle);
    const room = Math.floor((this.file.length - directory - countBytes) / entryBytes);
    const entries: TiffEntry[] = [];
    for (let i = 0; i < Math.min(stated, room, MOST_ENTRIES); i++) {
      const place = directory + countBytes + entryBytes * i;
      const tag = this.#data.getUint16(place, this.isLittle);
      const type = this.#data.getUint16(place + 2, this.isLittle);
      const count = this.#isBig ? this.#u64(place + 4) : this.#u32(place + 4);
      const bytes = (TYPE_BYTES[type] ?? 0) * count;
      const valueAt = place + entryBytes - inline;
      const at = bytes <= inline ? valueAt : this.#isBig ? this.#u64(valueAt) : this.#u32(valueAt);
      if (bytes > 0 && at + bytes <= this.file.length) entries.push({ tag, type, count, at, bytes });
    }
    return entries;
  }

  /** Offset of the directory after this one; 0 for none. */
  next(directory: number): number {
    const at = this.#isBig
      ? directory + 8 + 20 * this.#u64(directory)
      : directory + 2 + 12 * this.#data.getUint16(directory, this.isLittle);
    if (at + (this.#isBig ? 8 : 4) > this.file.length) return 0;
    return this.#isBig ? this.#u64(at) : this.#u32(at);
  }

  /** The bytes of a value as stored. */
  raw({ at, bytes }: TiffEntry): Uint8Array<ArrayBuffer> {
    this.#budget -= bytes;
    if (this.#budget < 0) return new Uint8Array(0);
    return copyOf(this.file, at, at + bytes);
  }

  /** The bytes of a value in little-endian order. */
  littleEndian(entry: TiffEntry): Uint8Array<ArrayBuffer> {
    const value = this.raw(entry);
    const word = TYPE_WORDS[entry.type]!;
    if (!this.isLittle && word > 1) {
      for (let at = 0; at < value.length; at += word) value.subarray(at, at + word).reverse();
    }
    return value;
  }

  /** The first few numbers of a value. */
  numbers({ type, count, at }: TiffEntry, most = 16): number[] {
    const size = TYPE_BYTES[type]!;
    return Array.from({ length: Math.min(count, most) }, (_, i) => this.#number(type, at + size * i));
  }

  #number(type: number, at: number): number {
    switch (type) {
      case 3:
        return this.#data.getUint16(at, this.isLittle);
      case 4:
      case 13:
        return this.#u32(at);
      case 5:
        return this.#u32(at) / this.#u32(at + 4);
      case 8:
        return this.#data.getInt16(at, this.isLittle);
      case 9:
        return this.#data.getInt32(at, this.isLittle);
      case 16:
      case 18:
        return this.#u64(at);
      default:
        return this.#data.getUint8(at);
    }
  }

  #u32(at: number): number {
    return this.#data.getUint32(at, this.isLittle);
  }

  /** Numbers beyond 2^53 cannot be offsets in any file and so do not matter. */
  #u64(at: number): number {
    return Number(this.#data.getBigUint64(at, this.isLittle));
  }
}
