import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { InputError } from '../../errors';

/**
 * Refuses a folder in which another process trains: two would write into one log.
 * @param path the file that holds the number of the process; one that is no more does not count.
 */
export function requireUnlocked(path: string): void {
  const owner = readOwner(path);
  if (owner === undefined || owner === process.pid || !isAlive(owner)) return;
  throw new InputError(
    `Process ${owner} is training into this folder, so nothing was changed. End it first (kill ${owner}), or ` +
      `choose another --out. If that process is something else, delete ${path}.`,
  );
}

/** Marks the folder as in use by this process. @throws InputError as above. */
export function lock(path: string): void {
  requireUnlocked(path);
  writeFileSync(path, `${process.pid}\n`);
}

export function unlock(path: string): void {
  if (readOwner(path) === process.pid) rmSync(path, { force: true });
}

function readOwner(path: string): number | undefined {
  try {
    return Number.parseInt(readFileSync(path, 'utf8'), 10) || undefined;
  } catch {
    return undefined;
  }
}

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch (error) {
    // It is there, but of another user.
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}
