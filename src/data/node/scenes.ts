import { readdir, stat } from 'node:fs/promises';
import { join, relative, resolve, sep } from 'node:path';
import { InputError } from '../../errors';
import { readRegularFile } from '../../read-file-node';
import { loadSharp } from '../../sharp-node';
import type { SceneSource } from '../scene-cache';
import { readBundledScene } from './bundled-scenes';
import { readPhotoAsPixmap } from './photos';
import type { SceneFile } from './scene-file';

/** File names of scenes; .pic is Radiance's old extension. */
const SCENE = /\.(hdr|pic|exr)$/i;
const PHOTO = /\.(jpe?g|png|webp|tiff?)$/i;

/**
 * The HDR files in a folder and its subfolders, sorted by name. A name is the path relative to the folder, with / as
 * separator and without extension. Hidden files are skipped.
 *
 * @throws InputError when there is no such folder or nothing in it.
 */
export async function listScenes(folder: string): Promise<SceneFile[]> {
  const files = await filesBelow(folder, SCENE, 'HDR files (.hdr or .exr)');
  return files.map(({ name, path }) => ({ name: name.replace(SCENE, ''), path }));
}

/**
 * The photos (JPEG, PNG, WebP, TIFF) in a folder and its subfolders, likewise, but with their extensions. Skips the
 * folder `except`, such as that of a run's previews.
 */
export async function listPhotos(folder: string, except?: string): Promise<SceneFile[]> {
  const files = await filesBelow(folder, PHOTO, 'photos (JPEG, PNG, WebP, TIFF)', except);
  loadSharp();
  return files.map(({ name, path }) => ({ name, photo: path }));
}

async function filesBelow(
  folder: string,
  ending: RegExp,
  kind: string,
  except?: string,
): Promise<{ readonly name: string; readonly path: string }[]> {
  const info = await stat(folder).catch(() => null);
  if (!info?.isDirectory()) {
    throw new InputError(`${folder}: ${info ? 'not a folder' : 'no such folder'}; name a folder of ${kind}`);
  }
  const paths = (await pathsBelow(folder, except)).filter((path) => ending.test(path)).sort();
  if (paths.length === 0) {
    throw new InputError(`${folder}: no ${kind} in this folder or below; name another folder`);
  }
  return paths.map((path) => ({ name: relative(folder, path).replaceAll(sep, '/'), path }));
}

async function pathsBelow(folder: string, except?: string): Promise<string[]> {
  const paths: string[] = [];
  for (const entry of await readdir(folder, { withFileTypes: true })) {
    if (entry.name.startsWith('.')) continue;
    const path = join(folder, entry.name);
    const kind = entry.isSymbolicLink() ? await stat(path).catch(() => null) : entry;
    // Links to folders are not followed, since they may form a circle.
    if (kind?.isFile()) paths.push(path);
    else if (entry.isDirectory() && (except === undefined || resolve(path) !== resolve(except)))
      paths.push(...(await pathsBelow(path, except)));
  }
  return paths;
}

/** Reads a scene's file on demand. */
export function sceneSource(file: SceneFile): SceneSource {
  return {
    name: file.name,
    read: async () => readSceneFile(file),
  };
}

async function readSceneFile(file: SceneFile): Promise<Uint8Array> {
  if ('path' in file) return readRegularFile(file.path);
  return 'photo' in file ? readPhotoAsPixmap(file.photo) : readBundledScene(file.bundled);
}
