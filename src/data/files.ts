import type { SceneSource } from './scene-cache';

/** Scenes out of files that a user chose or dropped in a browser; `File`s can be sent to a worker as they are. */
export function fileScenes(files: readonly File[]): SceneSource[] {
  return files.map((file) => ({
    name: file.name.replace(/\.(hdr|pic|exr)$/i, ''),
    read: async () => new Uint8Array(await file.arrayBuffer()),
  }));
}
