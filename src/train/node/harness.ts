import type { SceneFile } from '../../data/node/scene-file';
import type { Job, RunResult } from '../job';

/** A run as passed to a harness, with files in place of what the harness makes from them. */
export interface HarnessJob extends Omit<Job, 'pairs' | 'validation' | 'runtime'> {
  readonly training: readonly SceneFile[];
  readonly validation: readonly SceneFile[];
  /** Threads that make pairs; 0 makes them in the training thread. */
  readonly workers: number;
  readonly signal: AbortSignal;
}

/** Executes a run in one runtime. */
export type Harness = (job: HarnessJob) => Promise<RunResult>;
