import { rmSync, writeFileSync } from 'node:fs';
import { InputError } from '../../errors';
import { processIdentity } from '../../process-identity-node';
import { readRegularFileSync } from '../../read-file-node';

/** The content of a lock file: a process number and, on the second line, that process's identity. */
interface Owner {
  readonly pid: number;
  /** Empty if the system does not provide one, and in files of older versions. */
  readonly identity: string;
}

/**
 * Refuses a folder in which another process is training, since both would write to the same log.
 * @param path the lock file. Processes that have ended do not count, nor does an unrelated process that has since
 * received the same number.
 */
export function requireUnlocked(path: string): void {
  const owner = readOwner(path);
  if (!owner || owner.pid === process.pid || !isAlive(owner)) return;
  throw new InputError(
    `Process ${owner.pid} is training into this folder, so nothing was changed. End it first (kill ${owner.pid}), or ` +
      `choose another --out. If that process is something else, delete ${path}.`,
  );
}

/** Marks the folder as in use by this process. @throws InputError as above. */
export function lock(path: string): void {
  // If two processes come at once, one of them finds the other's file.
  const create = () =>
    writeFileSync(path, `${process.pid}\n${processIdentity(process.pid)}\n`, { flag: 'wx' });
  try {
    create();
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
    requireUnlocked(path);
    rmSync(path);
    create();
  }
}

export function unlock(path: string): void {
  if (readOwner(path)?.pid === process.pid) rmSync(path, { force: true });
}

function readOwner(path: string): Owner | undefined {
  try {
    const [pid = '', identity = ''] = String(readRegularFileSync(path)).split('\n');
    return /^\d+$/.test(pid) ? { pid: Number(pid), identity } : undefined;
  } catch {
    return undefined;
  }
}

function isAlive({ pid, identity }: Owner): boolean {
  const found = processIdentity(pid);
  return found !== undefined && (identity === '' || found === '' || found === identity);
}
