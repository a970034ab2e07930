/**
 * Adapts an EXIF block to its picture. Works on bytes, in browsers and Node.
 *
 * Source: CIPA DC-008 (EXIF 2.32).
 */
import { ascii, copyOf, startsWith, viewOf } from './bytes';

const ORIENTATION = 0x0112;
const EXIF_DIRECTORY = 0x8769;
const GPS_DIRECTORY = 0x8825;
const INTEROP_DIRECTORY = 0xa005;
const PIXEL_WIDTH = 0xa002;
const PIXEL_HEIGHT = 0xa003;
const ENTRY_BYTES = 12;

/** Bytes per value for each type; 0 for types that do not exist. */
const TYPE_BYTES = [0, 1, 1, 2, 4, 8, 1, 1, 2, 4, 8, 4, 8, 4];
/** Integers: bytes, shorts and longs, signed and unsigned. */
const INTEGER_TYPES = [1, 3, 4, 6, 8, 9];

const EXIF_PREFIX = ascii('Exif\0\0');

/** An EXIF block without its prefix `Exif\0\0`; a copy. */
export const bareExif = (block: Uint8Array): Uint8Array<ArrayBuffer> =>
  copyOf(block, startsWith(block, EXIF_PREFIX) ? EXIF_PREFIX.length : 0);

/**
 * A copy of an EXIF block (with or without its `Exif\0\0` prefix) that fits an upright picture of the given size:
 * orientation 1, corrected pixel dimensions, and the thumbnail unlinked, because it shows the old photo. Entries that
 * point beyond the block are left out. Undefined if nothing can be read.
 */
export function uprightExif(block: Uint8Array, width: number, height: number): Uint8Array | undefined {
  return adaptExif(block, width, height)?.exif;
}

/** Like `uprightExif`; also says whether anything was left out. */
export function adaptExif(
  block: Uint8Array,
  width: number,
  height: number,
): { readonly exif: Uint8Array; readonly isDamaged: boolean } | undefined {
  const exif = new ExifBlock(bareExif(block));
  const first = exif.first;
  if (first === undefined) return undefined;
  exif.mend(first, [EXIF_DIRECTORY, GPS_DIRECTORY, INTEROP_DIRECTORY]);
  exif.setNumber(first, ORIENTATION, 1);
  const details = exif.pointer(first, EXIF_DIRECTORY);
  if (details !== undefined) {
    exif.setNumber(details, PIXEL_WIDTH, width);
    exif.setNumber(details, PIXEL_HEIGHT, height);
  }
  exif.unlinkNext(first);
  return exif.count(first) > 0 ? { exif: exif.bytes, isDamaged: exif.isDamaged } : undefined;
}

/** 1 to 8, whatever integer type the tag has; 1 if the block has none. */
export function exifOrientation(block: Uint8Array): number {
  const exif = new ExifBlock(bareExif(block));
  const value = exif.first === undefined ? undefined : exif.number(exif.first, ORIENTATION);
  return value !== undefined && value >= 1 && value <= 8 ? value : 1;
}

/** Sets the orientation of a block, with or without its prefix, in place. Does nothing if the block has none. */
export function setExifOrientation(block: Uint8Array, orientation: number): void {
  const exif = new ExifBlock(block.subarray(startsWith(block, EXIF_PREFIX) ? EXIF_PREFIX.length : 0));
  if (exif.first !== undefined) exif.setNumber(exif.first, ORIENTATION, orientation);
}

/** EXIF directories, read and changed in place. Anything beyond the end is treated as absent. */
class ExifBlock {
  readonly #data: DataView;
  readonly #little: boolean;
  /** Where the first directory begins. */
  readonly first: number | undefined;
  isDamaged = false;

  constructor(readonly bytes: Uint8Array) {
    this.#data = viewOf(bytes);
    this.#little = bytes[0] === 0x49;
    const isTiff =
      bytes.length >= 14 &&
      bytes[0] === bytes[1] &&
      (this.#little || bytes[0] === 0x4d) &&
      this.#u16(2) === 42;
    const first = isTiff ? this.#u32(4) : 0;
    if (isTiff && first >= 8 && first + 2 <= bytes.length) this.first = first;
  }

  /** Entries of a directory that lie within the block. */
  count(directory: number): number {
    const room = Math.floor((this.bytes.length - directory - 2) / ENTRY_BYTES);
    return Math.min(this.#u16(directory), Math.max(0, room));
  }

  /** Removes entries that point beyond the block, in this directory and those its pointers lead to. */
  mend(directory: number, pointers: readonly number[], depth = 0): void {
    const count = this.count(directory);
    const linkAt = directory + 2 + ENTRY_BYTES * this.#u16(directory);
    const link = linkAt + 4 <= this.bytes.length ? this.#u32(linkAt) : 0;
    if (count < this.#u16(directory)) this.isDamaged = true;
    let kept = 0;
    for (let i = 0; i < count; i++) {
      const at = directory + 2 + ENTRY_BYTES * i;
      const isPointer = pointers.includes(this.#u16(at));
      const isSound = isPointer ? this.#leads(at) : this.#holds(at);
      if (!isSound) {
        this.isDamaged = true;
        continue;
      }
      this.bytes.copyWithin(directory + 2 + ENTRY_BYTES * kept++, at, at + ENTRY_BYTES);
      if (isPointer && depth < 2) this.mend(this.#u32(at + 8), pointers, depth + 1);
    }
    this.#data.setUint16(directory, kept, this.#little);
    const newLink = directory + 2 + ENTRY_BYTES * kept;
    if (newLink + 4 <= this.bytes.length && kept < count) this.#data.setUint32(newLink, link, this.#little);
  }

  /** The offset of another directory. */
  pointer(directory: number, tag: number): number | undefined {
    const at = this.#entry(directory, tag);
    return at === undefined || !this.#leads(at) ? undefined : this.#u32(at + 8);
  }

  number(directory: number, tag: number): number | undefined {
    const at = this.#entry(directory, tag);
    if (at === undefined) return undefined;
    const type = this.#u16(at + 2);
    if (!INTEGER_TYPES.includes(type)) return undefined;
    const size = TYPE_BYTES[type];
    return size === 1 ? this.bytes[at + 8] : size === 2 ? this.#u16(at + 8) : this.#u32(at + 8);
  }

  setNumber(directory: number, tag: number, value: number): void {
    const at = this.#entry(directory, tag);
    if (at === undefined) return;
    const type = this.#u16(at + 2);
    if (!INTEGER_TYPES.includes(type)) return;
    const size = TYPE_BYTES[type];
    if (size === 1) this.bytes[at + 8] = value;
    else if (size === 2) this.#data.setUint16(at + 8, value, this.#little);
    else this.#data.setUint32(at + 8, value, this.#little);
  }

  unlinkNext(directory: number): void {
    const at = directory + 2 + ENTRY_BYTES * this.count(directory);
    if (at + 4 <= this.bytes.length) this.#data.setUint32(at, 0, this.#little);
  }

  #entry(directory: number, tag: number): number | undefined {
    for (let i = 0; i < this.count(directory); i++) {
      const at = directory + 2 + ENTRY_BYTES * i;
      if (this.#u16(at) === tag) return at;
    }
    return undefined;
  }

  /** Whether an entry's value lies within the block. */
  #holds(at: number): boolean {
    const bytes = (TYPE_BYTES[this.#u16(at + 2)] ?? 0) * this.#u32(at + 4);
    return bytes <= 4 || this.#u32(at + 8) + bytes <= this.bytes.length;
  }

  /** Whether an entry points to a directory with at least one entry. */
  #leads(at: number): boolean {
    const directory = this.#u32(at + 8);
    return directory >= 8 && directory + 2 + ENTRY_BYTES <= this.bytes.length && this.#u16(directory) > 0;
  }

  #u16(at: number): number {
    return this.#data.getUint16(at, this.#little);
  }

  #u32(at: number): number {
    return this.#data.getUint32(at, this.#little);
  }
}
