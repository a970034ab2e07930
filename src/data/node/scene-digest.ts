import { createHash } from 'node:crypto';
import { stat } from 'node:fs/promises';
import { readRegularFile } from '../../read-file-node';
import { readBundledScene } from './bundled-scenes';
import type { SceneFile } from './scene-file';

/** What tells the file of a scene from every other one. */
export interface SceneDigest {
  readonly sha256: string;
  readonly bytes: number;
  /** When the file was last changed, in milliseconds since 1970, as the system keeps it (ctime). */
  readonly changed?: number;
}

/**
 * The digests of files by their scenes' names. A file that cannot be read has none: whoever reads it says why.
 *
 * @param known digests of before: a file of the same length that has not been touched since is not read again.
 */
export async function digestScenes(
  files: readonly SceneFile[],
  known: Readonly<Record<string, SceneDigest>> = {},
): Promise<Record<string, SceneDigest>> {
  const digests: Record<string, SceneDigest> = {};
  for (const file of files) {
    const digest = await digestScene(file, known[file.name]).catch(() => undefined);
    if (digest) digests[file.name] = digest;
  }
  return digests;
}

async function digestScene(file: SceneFile, known: SceneDigest | undefined): Promise<SceneDigest> {
  if ('bundled' in file) {
    const bytes = await readBundledScene(file.bundled);
    return { sha256: createHash('sha256').update(bytes).digest('hex'), bytes: bytes.length };
  }
  const path = 'path' in file ? file.path : file.photo;
  const { size, ctimeMs } = await stat(path);
  if (known?.bytes === size && known.changed === ctimeMs) return known;
  const hash = createHash('sha256').update(await readRegularFile(path));
  return { sha256: hash.digest('hex'), bytes: size, changed: ctimeMs };
}

/** Names of scenes whose file is another one than before. */
export function changedScenes(
  before: Readonly<Record<string, SceneDigest>>,
  now: Readonly<Record<string, SceneDigest>>,
): string[] {
  return Object.keys(before).filter((name) => name in now && now[name]!.sha256 !== before[name]!.sha256);
}
