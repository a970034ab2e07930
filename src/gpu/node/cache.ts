import { chmodSync, lstatSync, mkdirSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { homedir, tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { makeFolder } from '../../make-folder-node';

/**
 * The folder for reproducible files: `$XDG_CACHE_HOME/glocal` (`~/.cache/glocal`), or one in the temporary folder if
 * that is not writable. Libraries are loaded from it, so nobody else may have write access.
 */
export async function openCache(): Promise<string> {
  const wanted = join(process.env.XDG_CACHE_HOME || join(homedir(), '.cache'), 'glocal');
  try {
    makeFolder(dirname(wanted));
    makePrivate(wanted);
    if (!isOursAlone(wanted)) return openTemporaryCache();
    await rm(await mkdtemp(join(wanted, 'try-')), { recursive: true });
    return wanted;
  } catch {
    return openTemporaryCache();
  }
}

/** A lasting folder with a fixed name, unless someone else created it first. */
async function openTemporaryCache(): Promise<string> {
  const folder = join(tmpdir(), `glocal-${process.getuid?.() ?? 'user'}`);
  makePrivate(folder);
  return isOursAlone(folder) ? folder : mkdtemp(join(tmpdir(), 'glocal-'));
}

function makePrivate(folder: string): void {
  try {
    mkdirSync(folder, { mode: 0o700 });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
  }
}

/** Whether a folder belongs to this user and, from now on, only this user can write to it. Links are not followed. */
function isOursAlone(folder: string): boolean {
  const facts = lstatSync(folder);
  if (!facts.isDirectory()) return false;
  // Windows separates users' folders by other means.
  const uid = process.getuid?.();
  if (uid === undefined) return true;
  if (facts.uid !== uid || facts.mode & 0o002) return false;
  // Some systems give a group, usually the user's own, write access to new files.
  if (facts.mode & 0o020) chmodSync(folder, 0o700);
  return true;
}
