import { closeSync, constants, fstatSync, openSync, readFileSync, readSync, type Stats } from 'node:fs';
import { open } from 'node:fs/promises';
import { InputError } from './errors';

/**
 * Opening a pipe blocks until there is a writer, unless this flag is set. Windows has neither the flag nor pipes in
 * folders.
 */
const WITHOUT_WAITING = constants.O_RDONLY | (constants.O_NONBLOCK ?? 0);

/**
 * The bytes of a regular file, following links. Pipes, devices and sockets are refused, since reading them might
 * never end.
 *
 * @throws {InputError} if it is not a regular file; otherwise the system's error.
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

/** Synchronous version of `readRegularFile`. */
export function readRegularFileSync(path: string): Buffer<ArrayBuffer> {
  return withRegularFile(path, (file) => readFileSync(file));
}

/** At most `length` bytes from the start of a regular file. Synchronous; otherwise like `readRegularFile`. */
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
