import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { isUpToDate } from '../../scripts/freshness.mjs';

export const repository = fileURLToPath(new URL('../..', import.meta.url));

/**
 * The folder of the last build, or null where a source is newer. `npm ci` has just built when CI starts the tests; to
 * build again for each file of tests would cost minutes.
 */
export const built = async (): Promise<string | null> =>
  (await isUpToDate(repository)) ? join(repository, 'dist') : null;
