import { readdir } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { basename, dirname, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { InputError } from '../../errors';
import type { SceneFile } from './scene-file';

const PACKAGE = '@pmndrs/assets';
const ENDING = '.exr.js';

/**
 * The small CC0 panoramas (Poly Haven, 512 x 256) of the npm package @pmndrs/assets, sorted by name.
 *
 * @throws InputError when the package is not installed.
 */
export async function listBundledScenes(): Promise<SceneFile[]> {
  const files = (await readdir(packageFolder())).filter((file) => file.endsWith(ENDING));
  return files.sort().map((file) => ({ name: basename(file, ENDING), bundled: file }));
}

/** The bytes of one scene; the package stores each as a data URI in its own module. */
export async function readBundledScene(file: string): Promise<Uint8Array> {
  const module: { default?: unknown } = await import(
    /* @vite-ignore */ pathToFileURL(join(packageFolder(), file)).href
  );
  const uri = String(module.default);
  const comma = uri.indexOf(',');
  if (!uri.startsWith('data:') || comma < 0) {
    throw new InputError(`${PACKAGE}/hdri/${file} holds no data URI; install version 1.7 of ${PACKAGE}`);
  }
  return Buffer.from(uri.slice(comma + 1), 'base64');
}

function packageFolder(): string {
  try {
    return join(dirname(createRequire(import.meta.url).resolve(`${PACKAGE}/package.json`)), 'hdri');
  } catch (cause) {
    throw new InputError(
      `The sample scenes are in the npm package ${PACKAGE}, which is not installed. Run "npm install ${PACKAGE}", or name a folder of HDR files with --data.`,
      { cause },
    );
  }
}
