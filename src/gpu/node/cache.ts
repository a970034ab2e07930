import { chmodSync, lstatSync, mkdirSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { homedir, tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { makeFolder } from '../../make-folder-node';

/**
 * The folder for what can be made again: `$XDG_CACHE_HOME/glocal` (`~/.cache/glocal`), or one in the temporary
 * folder when that cannot be written. Libraries are loaded from it, so that nobody else may write there.
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

/** One that lasts under a fixed name, unless somebody else was there first. */
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

/** Whether a folder is this user's and, from here on, writable for nobody else. A link is not followed. */
function isOursAlone(folder: string): boolean {
  const facts = lstatSync(folder);
  if (!facts.isDirectory()) return false;
  // Windows keeps the folders of users apart by other means.
  const uid = process.getuid?.();
  if (uid === undefined) return true;
  if (facts.uid !== uid || facts.mode & 0o002) return false;
  // Some systems let a group, as a rule the user's own, write what the user makes.
  if (facts.mode & 0o020) chmodSync(folder, 0o700);
  return true;
}
