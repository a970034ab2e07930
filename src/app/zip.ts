import { concatBytes, crc32 } from '../photo/bytes';
import { archiveNames } from './archive-names';

/** One file of an archive. */
export interface ZipEntry {
  readonly name: string;
  readonly data: Blob;
}

/** Field values that refer to the 64-bit extension. */
const MASK16 = 0xffff;
const MASK32 = 0xffffffff;

const UTF8_NAMES = 0x0800;

/** Format versions that a reader must support: 2.0, and 4.5 for 64-bit sizes. */
const VERSION = 20;
const VERSION_64 = 45;

const EXTRA_64 = 0x0001;

/** Offset of an entry in the archive, in bytes. */
interface Placed {
  readonly name: Uint8Array<ArrayBuffer>;
  readonly checksum: number;
  readonly size: number;
  readonly offset: number;
}

/**
 * Packs files into one ZIP archive, uncompressed because photos already are. Names are made safe for all systems;
 * equal ones get ` (2)`, ` (3)`, ... Archives over 4 GiB or 65,534 files use the 64-bit extension. Source: PKWARE
 * APPNOTE 6.3, sections 4.3.7, 4.3.12, 4.3.14 to 4.3.16, 4.5.3.
 */
export async function zip(entries: readonly ZipEntry[], now: Date): Promise<Blob> {
  return new Blob(await archiveParts(entries, now), { type: 'application/zip' });
}

/** Anything with a size and bytes, such as a `Blob`. */
type Data = Pick<Blob, 'size' | 'arrayBuffer'>;

/** The archive in consecutive pieces: the given files, and the bytes between them. */
export async function archiveParts<T extends Data>(
  entries: readonly { readonly name: string; readonly data: T }[],
  now: Date,
): Promise<(T | Uint8Array<ArrayBuffer>)[]> {
  const parts: (T | Uint8Array<ArrayBuffer>)[] = [];
  const directory: Uint8Array<ArrayBuffer>[] = [];
  const names = archiveNames(entries.map((entry) => entry.name));
  const time = dosTime(now);
  let offset = 0;
  for (const [i, { data }] of entries.entries()) {
    const name = new TextEncoder().encode(names[i]!);
    const checksum = crc32(new Uint8Array(await data.arrayBuffer()));
    const placed = { name, checksum, size: data.size, offset };
    const local = localHeader(placed, time);
    parts.push(local, data);
    directory.push(centralHeader(placed, time));
    offset += local.length + data.size;
  }
  const size = directory.reduce((sum, record) => sum + record.length, 0);
  return [...parts, ...directory, end(entries.length, size, offset)];
}

function localHeader({ name, checksum, size }: Placed, time: Uint8Array<ArrayBuffer>) {
  const isLarge = size >= MASK32;
  // Here the extension holds both sizes or none.
  const extra = isLarge ? extension([size, size]) : new Uint8Array();
  const stored = Math.min(size, MASK32);
  return concatBytes(
    words(0x04034b50),
    halves(isLarge ? VERSION_64 : VERSION, UTF8_NAMES, 0),
    time,
    words(checksum, stored, stored),
    halves(name.length, extra.length),
    name,
    extra,
  );
}

function centralHeader({ name, checksum, size, offset }: Placed, time: Uint8Array<ArrayBuffer>) {
  const extra = extension([...(size >= MASK32 ? [size, size] : []), ...(offset >= MASK32 ? [offset] : [])]);
  const version = extra.length > 0 ? VERSION_64 : VERSION;
  const stored = Math.min(size, MASK32);
  return concatBytes(
    words(0x02014b50),
    halves(version, version, UTF8_NAMES, 0),
    time,
    words(checksum, stored, stored),
    halves(name.length, extra.length, 0, 0, 0),
    words(0, Math.min(offset, MASK32)),
    name,
    extra,
  );
}

/** Values that do not fit into their fields, in the order of those fields; may be empty. */
function extension(values: readonly number[]): Uint8Array<ArrayBuffer> {
  return values.length === 0
    ? new Uint8Array()
    : concatBytes(halves(EXTRA_64, 8 * values.length), longs(...values));
}

/** @param size of the central directory, @param offset of its start. */
function end(count: number, size: number, offset: number): Uint8Array<ArrayBuffer> {
  const record = concatBytes(
    words(0x06054b50),
    halves(0, 0, Math.min(count, MASK16), Math.min(count, MASK16)),
    words(Math.min(size, MASK32), Math.min(offset, MASK32)),
    halves(0),
  );
  if (count < MASK16 && size < MASK32 && offset < MASK32) return record;
  const behind = concatBytes(halves(VERSION_64, VERSION_64), words(0, 0), longs(count, count, size, offset));
  return concatBytes(
    words(0x06064b50),
    longs(behind.length),
    behind,
    // Locator of the 64-bit end record.
    words(0x07064b50, 0),
    longs(offset + size),
    words(1),
    record,
  );
}

/** Time and date in MS-DOS format. */
function dosTime(now: Date): Uint8Array<ArrayBuffer> {
  return halves(
    (now.getHours() << 11) | (now.getMinutes() << 5) | (now.getSeconds() >> 1),
    (Math.max(0, now.getFullYear() - 1980) << 9) | ((now.getMonth() + 1) << 5) | now.getDate(),
  );
}

function halves(...values: number[]): Uint8Array<ArrayBuffer> {
  const view = new DataView(new ArrayBuffer(2 * values.length));
  for (const [i, value] of values.entries()) view.setUint16(2 * i, value, true);
  return new Uint8Array(view.buffer);
}

function words(...values: number[]): Uint8Array<ArrayBuffer> {
  const view = new DataView(new ArrayBuffer(4 * values.length));
  for (const [i, value] of values.entries()) view.setUint32(4 * i, value, true);
  return new Uint8Array(view.buffer);
}

function longs(...values: number[]): Uint8Array<ArrayBuffer> {
  const view = new DataView(new ArrayBuffer(8 * values.length));
  for (const [i, value] of values.entries()) view.setBigUint64(8 * i, BigInt(value), true);
  return new Uint8Array(view.buffer);
}
