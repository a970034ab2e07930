import { existsSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { basename, dirname, join, resolve } from 'node:path';

/**
 * The spelling that file systems may take for the same: without regard to case and to how Unicode composes letters.
 * Names that differ here are two files everywhere; whether equal ones are one file, only the file system knows.
 */
export const looseName = (path: string): string =>
  resolve(path).normalize('NFD').toUpperCase().toLowerCase().normalize('NFD');

/**
 * Whether the file at `path` is listed under another name: one of another case, or composed of other code points.
 * Inode numbers do not tell, as some drivers make up a new one for every spelling.
 */
export function isKnownOtherwise(path: string): boolean {
  for (let at = resolve(path); dirname(at) !== at; at = dirname(at)) {
    const listing = listingOf(dirname(at));
    if (listing && !listing.includes(basename(at))) return existsSync(at);
  }
  return false;
}

/** Undefined for a folder that may be searched, but not listed. */
function listingOf(folder: string): string[] | undefined {
  try {
    return readdirSync(folder);
  } catch {
    return undefined;
  }
}

/**
 * Whether two files would be one, in folders that are there. Tried with an empty file beside; where that cannot be
 * made, as beside a name that is nearly too long, they are taken for one.
 */
export function wouldBeOne(a: string, b: string): boolean {
  const probe = (path: string) => join(dirname(path), `.glocal-probe-${process.pid}-${basename(path)}`);
  try {
    writeFileSync(probe(a), '', { flag: 'wx' });
    return existsSync(probe(b));
  } catch {
    return true;
  } finally {
    rmSync(probe(a), { force: true });
  }
}
