import { closeSync, fsyncSync, openSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';

/** Ending of a file that is being written. */
export const PARTIAL = '.partial';

/**
 * Writes a file whole or not at all: beside its place, flushed to the disk, then renamed over what was there.
 * A failure leaves the old file and no other trace.
 */
export function writeFileAtomically(path: string, content: Uint8Array | string): void {
  const beside = `${path}${PARTIAL}`;
  try {
    const file = openSync(beside, 'w');
    try {
      writeFileSync(file, content);
      fsyncSync(file);
    } finally {
      closeSync(file);
    }
    renameSync(beside, path);
  } catch (error) {
    rmSync(beside, { force: true });
    throw error;
  }
  flushFolder(dirname(path));
}

/** The rename itself is on the disk only once its folder is. Windows cannot open folders, and need not. */
function flushFolder(path: string): void {
  if (process.platform === 'win32') return;
  const folder = openSync(path, 'r');
  try {
    fsyncSync(folder);
  } finally {
    closeSync(folder);
  }
}
