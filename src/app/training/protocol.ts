import type { RunConfig } from '../../train/config';
import type { LogLine } from '../../train/log';
import type { Wish } from '../../train/recipe';
import type { Preview } from '../../train/run';
import type { AdapterSummary, Problem } from '../protocol';

/** What the training page and its worker say to each other. There is one run at most, and one tab has it. */
export type Command =
  /** Opens the device, takes the run kept in this browser, if there is one, and looks at it; answered by `ready`. */
  | { readonly type: 'look' }
  | { readonly type: 'begin'; readonly files: readonly File[]; readonly wish: Wish }
  | { readonly type: 'resume' }
  /** Ends the step, keeps everything, answers with `stopped`. */
  | { readonly type: 'pause' }
  | { readonly type: 'discard' }
  | { readonly type: 'weights' }
  /** Enhances a photo with the newest weights. */
  | { readonly type: 'try'; readonly photo: Blob };

/** A run as it lies in the browser's storage. */
export interface KeptRun {
  readonly config: RunConfig;
  /** Steps done that a resumed run need not do again. */
  readonly step: number;
  readonly lines: readonly LogLine[];
  readonly hasWeights: boolean;
}

export type Report =
  /** Another tab has the run. Answered to `look`, before `ready`, which comes once that tab is closed. */
  | { readonly type: 'elsewhere' }
  | { readonly type: 'ready'; readonly adapter: AdapterSummary; readonly run: KeptRun | null }
  | { readonly type: 'running'; readonly run: KeptRun }
  | { readonly type: 'line'; readonly line: LogLine }
  | { readonly type: 'previews'; readonly step: number; readonly previews: readonly Preview[] }
  /** For a person: scenes left out, what the run computes on. */
  | { readonly type: 'said'; readonly message: string }
  | { readonly type: 'stopped'; readonly run: KeptRun }
  | { readonly type: 'discarded' }
  | { readonly type: 'weights'; readonly file: Blob }
  | { readonly type: 'tried'; readonly before: ImageBitmap; readonly after: ImageBitmap; readonly file: Blob }
  /** `run`: what is kept in spite of it. */
  | { readonly type: 'failed'; readonly problem: Problem; readonly run: KeptRun | null };
