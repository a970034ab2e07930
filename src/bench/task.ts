import type { Gpu } from '../gpu/types';
import type { Opponent } from './opponent';
import type { Candidate, Clock, RaceOptions } from './race';
import type { Row } from './results';

/** Provided by the runtime. */
export interface BenchHost {
  readonly gpu: Gpu;
  /** Opens another device of the same adapter, with nothing compiled. */
  readonly openFresh: () => Promise<Gpu>;
  readonly opponents: readonly Opponent[];
  readonly clock: Clock;
  /** Reports what is being done. */
  readonly onNotice: (message: string) => void;
}

/** The input of each bench. */
export interface BenchTask extends Omit<BenchHost, 'clock'> {
  readonly race: RaceOptions;
  readonly reference: Candidate;
  /** Receives a row as soon as it is measured. */
  readonly emit: (row: MeasuredRow) => void;
}

/** A row without commit and date. */
export type MeasuredRow = Omit<Row, 'commit' | 'date'>;
