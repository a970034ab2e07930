import { concatBytes, crc32 } from '../photo/bytes';

/** One file of an archive. */
export interface ZipEntry {
  readonly name: string;
  readonly data: Blob;
}

/** Sizes and offsets in an archive without the 64-bit extension are 32 bits wide. */
const LIMIT = 0xffffffff;
const UTF8_NAMES = 0x0800;

/**
 * Packs files into one ZIP archive, stored without compression (photos are compressed already). Entries of the
 * same name get ` (2)`, ` (3)`, ... Source: PKWARE APPNOTE 6.3, sections 4.3.7, 4.3.12, 4.3.16.
 *
 * @throws RangeError when the archive would pass 4 GiB or 65535 files.
 */
export async function zip(entries: readonly ZipEntry[], now: Date): Promise<Blob> {
  if (entries.length > 0xffff)
    throw new RangeError(`a ZIP archive holds at most 65535 files, got ${entries.length}`);
  const files: BlobPart[] = [];
  const directory: Uint8Array<ArrayBuffer>[] = [];
  const names = uniqueNames(entries.map((entry) => entry.name));
  let offset = 0;
  for (const [i, entry] of entries.entries()) {
    const name = new TextEncoder().encode(names[i]!);
    const checksum = crc32(new Uint8Array(await entry.data.arrayBuffer()));
    const common = commonFields(name.length, checksum, entry.data.size, now);
    const local = concatBytes(words(0x04034b50), common, name);
    files.push(local, entry.data);
    directory.push(
      concatBytes(words(0x02014b50), halves(20), common, halves(0, 0, 0), words(0, offset), name),
    );
    offset += local.length + entry.data.size;
    if (offset > LIMIT) throw new RangeError('a ZIP archive holds at most 4 GiB');
  }
  const size = directory.reduce((sum, record) => sum + record.length, 0);
  const end = concatBytes(
    words(0x06054b50),
    halves(0, 0, entries.length, entries.length),
    words(size, offset),
    halves(0),
  );
  return new Blob([...files, ...directory, end], { type: 'application/zip' });
}

/** The fields that the local header and the central directory share, from "version needed" on. */
function commonFields(
  nameLength: number,
  checksum: number,
  size: number,
  now: Date,
): Uint8Array<ArrayBuffer> {
  const time = (now.getHours() << 11) | (now.getMinutes() << 5) | (now.getSeconds() >> 1);
  const day = (Math.max(0, now.getFullYear() - 1980) << 9) | ((now.getMonth() + 1) << 5) | now.getDate();
  return concatBytes(
    halves(20, UTF8_NAMES, 0, time, day),
    words(checksum, size, size),
    halves(nameLength, 0),
  );
}

/** Makes every name different by a number before the extension. */
export function uniqueNames(names: readonly string[]): string[] {
  const taken = new Set<string>();
  return names.map((name) => {
    const dot = name.lastIndexOf('.') > 0 ? name.lastIndexOf('.') : name.length;
    let unique = name;
    for (let n = 2; taken.has(unique); n++) unique = `${name.slice(0, dot)} (${n})${name.slice(dot)}`;
    taken.add(unique);
    return unique;
  });
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
