/** One regular file of a tar archive. */
interface TarFile {
  readonly name: string;
  readonly mode: number;
  readonly data: Uint8Array;
}

const BLOCK = 512;

/**
 * The regular files of an uncompressed tar archive in ustar format, without long names.
 *
 * @throws {Error} when the archive is truncated.
 */
export function* readTar(archive: Uint8Array): Generator<TarFile> {
  for (let at = 0; at + BLOCK <= archive.length && archive[at] !== 0; ) {
    const header = archive.subarray(at, at + BLOCK);
    const size = octal(header, 124, 12);
    const start = at + BLOCK;
    if (start + size > archive.length) throw new Error('The tar archive is truncated.');
    const type = String.fromCharCode(header[156]!);
    if (type === '0' || type === '\0') {
      yield {
        name: text(header, 0, 100),
        mode: octal(header, 100, 8),
        data: archive.subarray(start, start + size),
      };
    }
    at = start + Math.ceil(size / BLOCK) * BLOCK;
  }
}

function text(header: Uint8Array, at: number, length: number): string {
  return Buffer.from(header.subarray(at, at + length))
    .toString('latin1')
    .replace(/\0.*$/s, '');
}

const octal = (header: Uint8Array, at: number, length: number): number =>
  Number.parseInt(text(header, at, length).trim() || '0', 8);
