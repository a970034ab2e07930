import { randomBytes } from 'node:crypto';
import { rename, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { InputError } from './errors';
import { reason } from './reason';

/**
 * Writes a file so that it is whole or not there at all: beside its place first, then renamed.
 *
 * @throws {InputError} naming the file, when the folder is missing, read-only or full.
 */
export async function writeWhole(path: string, bytes: Uint8Array): Promise<void> {
  const beside = join(dirname(path), `.glocal-${randomBytes(6).toString('hex')}.part`);
  try {
    await writeFile(beside, bytes, { flag: 'wx' });
    await rename(beside, path);
  } catch (cause) {
    await rm(beside, { force: true }).catch(() => undefined);
    throw new InputError(
      `${path} cannot be written: ${reason(cause)}. Choose another output folder with -o.`,
      { cause },
    );
  }
}
