import { readdir, readFile, stat } from 'node:fs/promises';
import { join, relative, sep } from 'node:path';
import { InputError } from '../../errors';
import type { SceneSource } from '../scene-cache';
import { readBundledScene } from './bundled-scenes';

/** Where a scene's bytes lie, as plain data that can be sent to a worker. */
export type SceneFile =
  | { readonly name: string; readonly path: string }
  /** Module of the package @pmndrs/assets. */
  | { readonly name: string; readonly bundled: string };

/** What a scene's file is called; .pic is Radiance's old ending. */
const EXTENSION = /\.(hdr|pic|exr)$/i;

/**
 * The HDR files in a folder and the folders below, sorted by name; a name is the path from the folder without the
 * ending, with / between its parts. Hidden files are passed over.
 *
 * @throws InputError when there is no such folder or nothing in it.
 */
export async function listScenes(folder: string): Promise<SceneFile[]> {
  const paths = await filesBelow(folder);
  const scenes = paths
    .filter((path) => EXTENSION.test(path))
    .map((path) => ({ name: relative(folder, path).replaceAll(sep, '/').replace(EXTENSION, ''), path }));
  if (scenes.length === 0) {
    throw new InputError(
      `${folder}: no HDR files (.hdr or .exr) in this folder or below; name another folder`,
    );
  }
  return scenes.sort((a, b) => (a.path < b.path ? -1 : 1));
}

async function filesBelow(folder: string): Promise<string[]> {
  const info = await stat(folder).catch(() => null);
  if (!info?.isDirectory()) {
    throw new InputError(
      `${folder}: ${info ? 'not a folder' : 'no such folder'}; name a folder of HDR files`,
    );
  }
  const paths: string[] = [];
  for (const entry of await readdir(folder, { withFileTypes: true })) {
    if (entry.name.startsWith('.')) continue;
    const path = join(folder, entry.name);
    const kind = entry.isSymbolicLink() ? await stat(path).catch(() => null) : entry;
    // A link to a folder is not followed: it may lead in a circle.
    if (kind?.isFile()) paths.push(path);
    else if (entry.isDirectory()) paths.push(...(await filesBelow(path)));
  }
  return paths;
}

/** Reads a scene's file when its turn comes. */
export function sceneSource(file: SceneFile): SceneSource {
  return {
    name: file.name,
    read: async () => ('path' in file ? readFile(file.path) : readBundledScene(file.bundled)),
  };
}
