import type { SceneFile } from '../../data/node/scene-file';
import type { Checkpoint } from '../checkpoint';
import type { RunConfig } from '../config';
import type { Cadence } from '../job';
import type { RunOutput, RunResult } from '../run';

/** A run as a harness gets it: files in, results to `output`. */
export interface HarnessJob {
  readonly config: RunConfig;
  readonly cadence: Cadence;
  readonly training: readonly SceneFile[];
  readonly validation: readonly SceneFile[];
  readonly checkpoint: Checkpoint | undefined;
  /** Threads that make pairs; 0 makes them where the training runs. */
  readonly workers: number;
  readonly output: RunOutput;
  /** Aborted: a checkpoint is written and the run ends early. */
  readonly signal: AbortSignal;
  /** For a person: the adapter, scenes left out. Each message comes once. */
  readonly say: (message: string) => void;
}

/** Carries a run out in one runtime. */
export type Harness = (job: HarnessJob) => Promise<RunResult>;
