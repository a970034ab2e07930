import type { RunConfig } from '../../train/config';
import type { Preview } from '../../train/job';
import type { LogLine } from '../../train/log';
import type { Wish } from '../../train/recipe';
import type { AdapterSummary, Problem } from '../protocol';

/** The messages between the training page and its worker. There is at most one run, owned by one tab. */
export type Command =
  /** Opens the device, claims the run stored in this browser, and examines it; answered by `ready`. */
  | { readonly type: 'look' }
  | { readonly type: 'begin'; readonly files: readonly File[]; readonly wish: Wish }
  | { readonly type: 'resume' }
  /** Finishes the step, saves everything, answers with `stopped`. */
  | { readonly type: 'pause' }
  | { readonly type: 'discard' }
  | { readonly type: 'weights' }
  /** Enhances a photo with the newest weights. */
  | { readonly type: 'try'; readonly photo: Blob };

/** A run in the browser's storage. */
export interface KeptRun {
  readonly config: RunConfig;
  /** Steps that a resumed run need not repeat. */
  readonly step: number;
  readonly lines: readonly LogLine[];
  readonly hasWeights: boolean;
}

export type Report =
  /** Another tab has the run. Sent after `look` and before `ready`, which comes once that tab is closed. */
  | { readonly type: 'elsewhere' }
  | { readonly type: 'ready'; readonly adapter: AdapterSummary; readonly run: KeptRun | null }
  | { readonly type: 'running'; readonly run: KeptRun }
  | { readonly type: 'line'; readonly line: LogLine }
  | { readonly type: 'previews'; readonly step: number; readonly previews: readonly Preview[] }
  /** For the user: skipped scenes, the adapter. */
  | { readonly type: 'notice'; readonly message: string }
  | { readonly type: 'stopped'; readonly run: KeptRun }
  | { readonly type: 'discarded' }
  | { readonly type: 'weights'; readonly file: Blob }
  | { readonly type: 'tried'; readonly before: ImageBitmap; readonly after: ImageBitmap; readonly file: Blob }
  /** `run`: the part that is stored nevertheless. */
  | { readonly type: 'failed'; readonly problem: Problem; readonly run: KeptRun | null };
