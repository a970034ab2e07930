import { InputError } from '../errors';
import type { SceneSource } from './scene-cache';

/** The location of a scene's bytes for a browser, as plain data for workers. */
export type WebScene =
  | { readonly name: string; readonly file: File }
  /** Absolute, because workers have another base URL. */
  | { readonly name: string; readonly url: string };

/** Response status whose text says why a scene's file cannot be read. */
export const UNREADABLE = 422;

/** Scenes from files that the user chose or dropped. */
export function fileScenes(files: readonly File[]): WebScene[] {
  return files.map((file) => ({ name: file.name.replace(/\.(hdr|pic|exr)$/i, ''), file }));
}

/** Reads a scene's bytes on demand. */
export function webSceneSource(scene: WebScene): SceneSource {
  return {
    name: scene.name,
    read: async () =>
      new Uint8Array(await ('file' in scene ? scene.file.arrayBuffer() : download(scene.url))),
  };
}

async function download(url: string): Promise<ArrayBuffer> {
  const response = await fetch(url);
  if (response.status === UNREADABLE) throw new InputError(await response.text());
  if (!response.ok)
    throw new InputError(`${url}: the server answered ${response.status} ${response.statusText}`);
  return response.arrayBuffer();
}
