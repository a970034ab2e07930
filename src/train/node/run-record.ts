import type { SceneDigest } from '../../data/node/scene-digest';
import type { RunConfig } from '../config';

/** The contents of `config.json` in a run folder. */
export interface RunRecord {
  readonly config: RunConfig;
  /** The folder of HDR files, absolute; absent for the bundled scenes. */
  readonly data?: string;
  /** The folder of finished photos, absolute. */
  readonly photos?: string;
  /** The files of scenes and photos by name, as they were when the run began; absent in records of older versions. */
  readonly digests?: Readonly<Record<string, SceneDigest>>;
}
