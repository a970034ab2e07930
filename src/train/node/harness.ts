import type { SceneFile } from '../../data/node/scene-file';
import type { Checkpoint } from '../checkpoint';
import type { RunConfig } from '../config';
import type { Cadence } from '../job';
import type { RunOutput, RunResult } from '../run';

/** A run as passed to a harness: files in, results to `output`. */
export interface HarnessJob {
  readonly config: RunConfig;
  readonly cadence: Cadence;
  readonly training: readonly SceneFile[];
  readonly validation: readonly SceneFile[];
  readonly checkpoint: Checkpoint | undefined;
  /** Threads that make pairs; 0 makes them in the training thread. */
  readonly workers: number;
  readonly output: RunOutput;
  /** On abort, the run writes a checkpoint and ends early. */
  readonly signal: AbortSignal;
  /** Receives messages for the user: the adapter, skipped scenes. Each message comes once. */
  readonly say: (message: string) => void;
}

/** Executes a run in one runtime. */
export type Harness = (job: HarnessJob) => Promise<RunResult>;
