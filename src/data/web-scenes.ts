import { InputError } from '../errors';
import type { SceneSource } from './scene-cache';

/** Where a browser gets a scene's bytes from, as data that can be sent to a worker. */
export type WebScene =
  | { readonly name: string; readonly file: File }
  /** Absolute, because a worker has another base URL. */
  | { readonly name: string; readonly url: string };

/** Status of a response whose text says why a scene's file cannot be read. */
export const UNREADABLE = 422;

/** Scenes from files that a user chose or dropped. */
export function fileScenes(files: readonly File[]): WebScene[] {
  return files.map((file) => ({ name: file.name.replace(/\.(hdr|pic|exr)$/i, ''), file }));
}

/** Reads a scene's bytes when they are needed. */
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
