import { mkdir, mkdtemp, rm, stat } from 'node:fs/promises';
import { homedir, tmpdir, userInfo } from 'node:os';
import { join } from 'node:path';
import { makeFolder } from '../../make-folder-node';

/**
 * The folder for what can be made again: `$XDG_CACHE_HOME/glocal` (`~/.cache/glocal`), or one in the temporary
 * folder when that cannot be written.
 */
export async function openCache(): Promise<string> {
  const wanted = join(process.env.XDG_CACHE_HOME || join(homedir(), '.cache'), 'glocal');
  try {
    makeFolder(wanted);
    await rm(await mkdtemp(join(wanted, 'try-')), { recursive: true });
    return wanted;
  } catch {
    return openTemporaryCache();
  }
}

/** Libraries are loaded from here, so the folder must be the user's own. */
async function openTemporaryCache(): Promise<string> {
  const { uid } = userInfo();
  const folder = join(tmpdir(), `glocal-${uid}`);
  await mkdir(folder, { recursive: true, mode: 0o700 });
  if ((await stat(folder)).uid === uid) return folder;
  return mkdtemp(join(tmpdir(), 'glocal-'));
}
