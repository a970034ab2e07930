import { closeSync, fsyncSync, openSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';

/** Suffix of the temporary file. */
export const PARTIAL = '.partial';

/**
 * Writes a file whole or not at all: to a temporary file beside it, flushed to disk, then renamed over the old one.
 * On failure the old file is untouched and no temporary file remains. For results that must not replace another
 * program's file, use `publish` (`enhance/node/publish.ts`).
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

/** A rename is durable only once its folder is flushed. Windows cannot open folders and does not need this. */
function flushFolder(path: string): void {
  if (process.platform === 'win32') return;
  const folder = openSync(path, 'r');
  try {
    fsyncSync(folder);
  } finally {
    closeSync(folder);
  }
}
