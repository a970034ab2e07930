import type { PairSource } from '../data/pair-source';
import type { ValidationOptions } from '../data/validation-set';
import type { PairPixels } from './batch';
import type { Checkpoint } from './checkpoint';
import type { RunConfig } from './config';
import type { LogLine } from './log';

/** How often to validate and write, and when to end early. Does not affect the numbers of a step. */
export interface Cadence {
  /** Steps between validations, and between checkpoints. The last step always has both. */
  readonly validateEvery: number;
  readonly checkpointEvery: number;
  /** Ends the run early after this many validations without a better one. 0 or absent: never. */
  readonly patience?: number;
  /** Also writes a checkpoint once the last one is this many minutes old. 0: never. */
  readonly checkpointMinutes: number;
  /** Steps between reading the loss back; 1 reads every loss. */
  readonly lossEvery: number;
}

/** Everything a runtime supplies for a run. */
export interface Job {
  readonly config: RunConfig;
  readonly cadence: Cadence;
  /** The checkpoint to resume from. */
  readonly checkpoint?: Checkpoint | undefined;
  readonly pairs: Pick<PairSource, 'make'>;
  /** Makes validation pairs from the held-out scenes. Absent: none are held out. */
  readonly validation?: ((options: ValidationOptions) => Promise<readonly PairPixels[]>) | undefined;
  readonly output: RunOutput;
  /** Named in the log. */
  readonly runtime: string;
  /** On abort, the run writes a checkpoint and ends early. */
  readonly signal?: AbortSignal;
  /** Receives messages for the user: the adapter, skipped scenes. */
  readonly onNotice: (message: string) => void;
}

/** Receives a run's results: a folder in Node, the harness's server in a page. */
export interface RunOutput {
  log(line: LogLine): Promise<void>;
  /** A full checkpoint after `step` steps. */
  checkpoint(step: number, bytes: Uint8Array<ArrayBuffer>): Promise<void>;
  /** The weight file with the best validation so far. */
  best(bytes: Uint8Array<ArrayBuffer>): Promise<void>;
  /** The weight file of the finished run. */
  final(bytes: Uint8Array<ArrayBuffer>): Promise<void>;
  /** The network's outputs for the first validation pairs after `step` steps. Absent: no previews. */
  previews?(step: number, previews: readonly Preview[]): Promise<void>;
}

/** A validation pair and the network's output; interleaved RGB, 8 bits. */
export interface Preview extends PairPixels {
  readonly output: Uint8Array;
}

/** Number of pairs in a preview. */
export const PREVIEWS = 3;

export interface RunResult {
  /** Finished steps. */
  readonly step: number;
  readonly interrupted: boolean;
  readonly best: Best | undefined;
  /** PSNR of the last validation. */
  readonly psnr: number | undefined;
}

export interface Best {
  readonly step: number;
  readonly psnr: number;
}
