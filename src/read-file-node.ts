import { constants } from 'node:fs';
import { open } from 'node:fs/promises';
import { InputError } from './errors';

/**
 * The bytes of a regular file, links followed. A pipe, a device or a socket is refused: reading it might never end, and
 * even opening a pipe waits for a writer unless it is told not to.
 *
 * @throws {InputError} for what is no regular file; otherwise the system's error.
 */
export async function readRegularFile(path: string): Promise<Buffer<ArrayBuffer>> {
  // Windows has no such flag, and no such files in folders.
  const file = await open(path, constants.O_RDONLY | (constants.O_NONBLOCK ?? 0));
  try {
    const facts = await file.stat();
    if (facts.isDirectory()) throw new InputError('it is a folder');
    if (!facts.isFile()) throw new InputError('it is a pipe or a device, not a file');
    return await file.readFile();
  } finally {
    await file.close();
  }
}
