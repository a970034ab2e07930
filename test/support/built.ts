import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { isUpToDate } from '../../scripts/freshness.mjs';

export const repository = fileURLToPath(new URL('../..', import.meta.url));

/**
 * The folder of the last build, or null if a source is newer. In CI, `npm ci` has just built; rebuilding for each
 * test file would cost minutes.
 */
export const built = async (): Promise<string | null> =>
  (await isUpToDate(repository)) ? join(repository, 'dist') : null;
