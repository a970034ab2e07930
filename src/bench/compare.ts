import { type BenchResult, type ClockName, peakRates, type Row } from './results';
import { spread } from './statistics';

/** How one row changed from one result to another. */
export interface Change {
  readonly name: string;
  /** Medians in milliseconds. */
  readonly before: number;
  readonly after: number;
  /** After over before, without what the whole machine became slower by: above 1 is slower. */
  readonly ratio: number;
  readonly verdict: 'slower' | 'quicker' | 'as before';
}

export interface Comparison {
  readonly clock: ClockName;
  /** How much slower the machine as a whole was in the second measurement, and how that was found. */
  readonly drift: number;
  readonly driftFrom: 'rows' | 'peak';
  /** The slowest first. */
  readonly changes: readonly Change[];
  /** Names of rows that only one of the results has. */
  readonly onlyBefore: readonly string[];
  readonly onlyAfter: readonly string[];
}

/** From so many common rows on, their median tells the drift: one row that changed does not move it. */
const ROWS_FOR_DRIFT = 5;

/**
 * Compares results of the same bench. Machines differ from hour to hour, so each row is held against the rest: by
 * the median change of all rows, or, where there are few, by the change of the measured peak.
 *
 * @param threshold from what ratio on a row counts as slower, or its reverse as quicker.
 */
export function compareResults(
  before: BenchResult,
  after: BenchResult,
  { threshold, clock = clockFor(before, after) }: { threshold: number; clock?: ClockName },
): Comparison {
  const old = new Map(before.rows.map((row) => [row.name, row]));
  const pairs = after.rows.flatMap((row) => {
    const [first, second] = [timeOf(old.get(row.name), clock), timeOf(row, clock)];
    return first && second ? [{ name: row.name, before: first, after: second }] : [];
  });
  const byRows = pairs.length >= ROWS_FOR_DRIFT;
  const drift = byRows
    ? spread(pairs.map((pair) => pair.after / pair.before)).median
    : peakDrift(before, after, clock);
  const changes = pairs.map((pair): Change => {
    const ratio = pair.after / pair.before / drift;
    const verdict = ratio > threshold ? 'slower' : ratio < 1 / threshold ? 'quicker' : 'as before';
    return { ...pair, ratio, verdict };
  });
  const names = new Set(pairs.map(({ name }) => name));
  const others = ({ rows }: BenchResult) => rows.map(({ name }) => name).filter((name) => !names.has(name));
  return {
    clock,
    drift,
    driftFrom: byRows ? 'rows' : 'peak',
    changes: changes.sort((a, b) => b.ratio - a.ratio),
    onlyBefore: others(before),
    onlyAfter: others(after),
  };
}

/** On software adapters processor time, which other programs disturb less; on GPUs it says nothing of the GPU. */
function clockFor(before: BenchResult, after: BenchResult): ClockName {
  const rows = [...before.rows, ...after.rows];
  const software = before.environment.software && after.environment.software;
  return software && rows.every(({ ours }) => ours.cpu !== null) ? 'cpu' : 'wall';
}

const timeOf = (row: Row | undefined, clock: ClockName): number | undefined => row?.ours[clock]?.median;

function peakDrift(before: BenchResult, after: BenchResult, clock: ClockName): number {
  const [first, second] = [before, after].map(({ peak }) => peakRates(peak, clock).gflops);
  return first && second ? first / second : 1;
}
