import type { Gpu } from '../gpu/types';
import type { Opponent } from './opponent';
import type { Candidate, Clock, RaceOptions } from './race';
import type { Row } from './results';

/** What the surroundings give. */
export interface BenchHost {
  readonly gpu: Gpu;
  /** A further device of the same adapter, on which nothing is compiled yet. */
  readonly openFresh: () => Promise<Gpu>;
  readonly opponents: readonly Opponent[];
  readonly clock: Clock;
  /** Says what is being done. */
  readonly say: (message: string) => void;
}

/** What each bench gets. */
export interface BenchTask extends Omit<BenchHost, 'clock'> {
  readonly race: RaceOptions;
  readonly reference: Candidate;
  /** Takes a row as soon as it is measured. */
  readonly emit: (row: MeasuredRow) => void;
}

/** A row before it is known what commit was measured. */
export type MeasuredRow = Omit<Row, 'commit' | 'date'>;
