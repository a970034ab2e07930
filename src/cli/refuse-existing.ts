import { existsSync } from 'node:fs';
import { InputError } from '../errors';

/** @throws InputError if the destination exists, before anything is computed for it. */
export function refuseExisting(path: string, overwrite: boolean): void {
  if (overwrite || !existsSync(path)) return;
  throw new InputError(`${path} exists. Choose another place, or replace it with --overwrite.`);
}
