import { existsSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { basename, dirname, join, resolve } from 'node:path';

/**
 * A spelling without case and in one Unicode normal form, which file systems may treat as equal. Names that differ
 * here are two files everywhere; whether equal ones are the same file only the file system knows.
 */
export const looseName = (path: string): string =>
  resolve(path).normalize('NFD').toUpperCase().toLowerCase().normalize('NFD');

/**
 * Whether the file at `path` is listed under another name, differing in case or Unicode composition. Inode numbers
 * cannot tell, because some drivers invent one for every spelling.
 */
export function isKnownOtherwise(path: string): boolean {
  for (let at = resolve(path); dirname(at) !== at; at = dirname(at)) {
    const listing = listingOf(dirname(at));
    if (listing && !listing.includes(basename(at))) return existsSync(at);
  }
  return false;
}

/** Undefined for a folder that may be traversed but not listed. */
function listingOf(folder: string): string[] | undefined {
  try {
    return readdirSync(folder);
  } catch {
    return undefined;
  }
}

/**
 * Whether two paths in existing folders would be the same file. Tests it with an empty file beside them; if that
 * cannot be created, as for a name that is nearly too long, assumes they are the same.
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
