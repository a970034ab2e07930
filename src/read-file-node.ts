import { closeSync, constants, fstatSync, openSync, readFileSync, readSync, type Stats } from 'node:fs';
import { open } from 'node:fs/promises';
import { InputError } from './errors';

/** Opening a pipe waits for a writer unless told not to. Windows has no such flag, and no such files in folders. */
const WITHOUT_WAITING = constants.O_RDONLY | (constants.O_NONBLOCK ?? 0);

/**
 * The bytes of a regular file, links followed. A pipe, a device or a socket is refused: reading it might never end.
 *
 * @throws {InputError} for what is no regular file; otherwise the system's error.
 */
export async function readRegularFile(path: string): Promise<Buffer<ArrayBuffer>> {
  const file = await open(path, WITHOUT_WAITING);
  try {
    checkRegular(await file.stat());
    return await file.readFile();
  } finally {
    await file.close();
  }
}

/** As `readRegularFile`, at once. */
export function readRegularFileSync(path: string): Buffer<ArrayBuffer> {
  return withRegularFile(path, (file) => readFileSync(file));
}

/** The first bytes of a regular file, at most so many. As `readRegularFile`, at once. */
export function readStartSync(path: string, length: number): Uint8Array {
  return withRegularFile(path, (file) => {
    const start = new Uint8Array(length);
    return start.subarray(0, readSync(file, start));
  });
}

function withRegularFile<T>(path: string, read: (file: number) => T): T {
  const file = openSync(path, WITHOUT_WAITING);
  try {
    checkRegular(fstatSync(file));
    return read(file);
  } finally {
    closeSync(file);
  }
}

function checkRegular(facts: Stats): void {
  if (facts.isDirectory()) throw new InputError('it is a folder');
  if (!facts.isFile()) throw new InputError('it is a pipe or a device, not a file');
}
