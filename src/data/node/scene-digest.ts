import { createHash } from 'node:crypto';
import { stat } from 'node:fs/promises';
import { readRegularFile } from '../../read-file-node';
import { readBundledScene } from './bundled-scenes';
import type { SceneFile } from './scene-file';

/** Identifies the content of a scene's file. */
export interface SceneDigest {
  readonly sha256: string;
  readonly bytes: number;
  /** Time of the last change, in milliseconds since 1970, from the system (ctime). */
  readonly changed?: number;
}

/**
 * Digests of files by scene name. Unreadable files have none; reading them reports the reason.
 *
 * @param known earlier digests: a file of the same length and time of change is not read again.
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

/** Names of scenes whose files have changed. */
export function changedScenes(
  before: Readonly<Record<string, SceneDigest>>,
  now: Readonly<Record<string, SceneDigest>>,
): string[] {
  return Object.keys(before).filter((name) => name in now && now[name]!.sha256 !== before[name]!.sha256);
}
