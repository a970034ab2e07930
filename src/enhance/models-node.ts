import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { InputError } from '../errors';

const EXTENSION = '.safetensors';

/** A weight file's bytes and what messages call it. */
export interface ModelFile {
  readonly weights: Uint8Array;
  readonly name: string;
}

/**
 * Reads a weight file: one that comes with the package by its name (`nano`), any other by its path.
 *
 * @throws {InputError} when there is none, with the names there are.
 */
export async function readModel(nameOrPath: string): Promise<ModelFile> {
  const isName = /^[\w-]+$/.test(nameOrPath) && !existsSync(nameOrPath);
  const path = isName ? join(shippedFolder(), nameOrPath + EXTENSION) : nameOrPath;
  try {
    return { weights: await readFile(path), name: path };
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    const known = shippedModels().join(', ') || 'none';
    throw new InputError(
      `The model «${nameOrPath}» cannot be read: ${reason}. Models of this package: ${known}; or give the path of ` +
        `a ${EXTENSION} file.`,
      { cause },
    );
  }
}

/** Names of the models that come with the package. */
export function shippedModels(): string[] {
  const folder = shippedFolder();
  if (!existsSync(folder)) return [];
  const files = readdirSync(folder).filter((file) => file.endsWith(EXTENSION));
  return files.map((file) => basename(file, EXTENSION)).sort();
}

/** `weights/` of the package that this code is part of, whether it runs from source or as built. */
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
