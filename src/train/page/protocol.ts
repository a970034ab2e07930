import type { RunConfig } from '../config';
import type { Cadence } from '../job';
import type { RunResult } from '../run';

/**
 * What the training page and the harness's server say to each other over HTTP, all under `run/`:
 *
 * | request | content |
 * | --- | --- |
 * | GET job | `PageJob` |
 * | GET checkpoint | the checkpoint to go on from |
 * | GET scene/N | the file of scene N |
 * | POST log | a `LogLine`; answered by `LogAnswer` |
 * | POST say | a message for a person |
 * | POST checkpoint/STEP, best, final | files to keep |
 * | POST end | a `PageEnd` |
 */
export interface PageJob {
  readonly config: RunConfig;
  readonly cadence: Cadence;
  /** Scenes by name; the address of the file is `scene/` and the number. */
  readonly training: readonly NumberedScene[];
  readonly validation: readonly NumberedScene[];
  readonly resumes: boolean;
  readonly workers: number;
}

export interface NumberedScene {
  readonly name: string;
  readonly number: number;
}

/** How the server asks the run to stop: there is no other way back to a page that computes. */
export interface LogAnswer {
  readonly stop: boolean;
}

export type PageEnd =
  | { readonly result: RunResult }
  | { readonly error: { readonly name: string; readonly message: string } };
