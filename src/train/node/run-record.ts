import type { SceneDigest } from '../../data/node/scene-digest';
import type { RunConfig } from '../config';

/** The contents of `config.json` in a run folder. */
export interface RunRecord {
  readonly config: RunConfig;
  /** Absolute path of the folder with HDR files. Absent: the bundled scenes. */
  readonly data?: string;
  /** Absolute path of the folder with finished photos. */
  readonly photos?: string;
  /** Digests of the scene and photo files at the start of the run. Absent in records of older versions. */
  readonly digests?: Readonly<Record<string, SceneDigest>>;
}
