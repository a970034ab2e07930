import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { InputError } from '../../errors';
import { readRegularFile } from '../../read-file-node';
import { reason } from '../../reason';
import { loadModel as fetchModel } from '../models';

const EXTENSION = '.safetensors';

/**
 * Reads a weight file: one of this package by its name (`nano`), others by path or URL.
 *
 * @throws {InputError} when there is none, listing the names that exist.
 */
export async function loadModel(model: string | URL): Promise<Uint8Array> {
  const isWeb = /^https?:/.test(String(model));
  if (isWeb) return fetchModel(model);
  const nameOrPath = model instanceof URL ? fileURLToPath(model) : model;
  const isName = /^[\w-]+$/.test(nameOrPath) && !existsSync(nameOrPath);
  try {
    return await readRegularFile(isName ? join(shippedFolder(), nameOrPath + EXTENSION) : nameOrPath);
  } catch (cause) {
    const known = shippedModels().join(', ') || 'none';
    throw new InputError(
      `The model "${nameOrPath}" cannot be read: ${reason(cause)}. Models of this package: ${known}; or give the path of ` +
        `a ${EXTENSION} file.`,
      { cause, code: 'weights-not-found' },
    );
  }
}

/** Names of the models in this package. */
export function shippedModels(): string[] {
  const folder = shippedFolder();
  if (!existsSync(folder)) return [];
  const files = readdirSync(folder).filter((file) => file.endsWith(EXTENSION));
  return files.map((file) => basename(file, EXTENSION)).sort();
}

/** `weights/` of this package, for sources and builds alike. */
function shippedFolder(): string {
  let folder = dirname(fileURLToPath(import.meta.url));
  while (!isPackageRoot(folder)) {
    const parent = dirname(folder);
    if (parent === folder)
      throw new InputError('The folder of the package glocal cannot be found. Install it again.');
    folder = parent;
  }
  return join(folder, 'weights');
}

function isPackageRoot(folder: string): boolean {
  const file = join(folder, 'package.json');
  return existsSync(file) && (JSON.parse(readFileSync(file, 'utf8')) as { name?: unknown }).name === 'glocal';
}
