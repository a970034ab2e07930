import type { BenchResult, ClockName, Row } from './results';

/** The change of one row between two results. */
interface Change {
  readonly name: string;
  /** Medians in milliseconds. */
  readonly before: number;
  readonly after: number;
  /** Factor by which the reference became slower. */
  readonly drift: number;
  /** After over before, divided by the drift: above 1 is slower. */
  readonly ratio: number;
  readonly verdict: 'slower' | 'quicker' | 'as before';
}

export interface Comparison {
  readonly clock: ClockName;
  /** Slowest first. */
  readonly changes: readonly Change[];
  /** Names of rows that only one of the results has. */
  readonly onlyBefore: readonly string[];
  readonly onlyAfter: readonly string[];
}

/**
 * Compares results of the same bench. The speed of a machine varies from hour to hour, so each row is normalised by
 * the reference that was interleaved with it.
 *
 * @param threshold the ratio from which a row counts as slower, or whose inverse counts as faster.
 */
export function compareResults(
  before: BenchResult,
  after: BenchResult,
  { threshold, clock = clockFor(before, after) }: { threshold: number; clock?: ClockName },
): Comparison {
  const old = new Map(before.rows.map((row) => [row.name, row]));
  const changes = after.rows.flatMap((row): Change[] => {
    const [first, second] = [timesOf(old.get(row.name), clock), timesOf(row, clock)];
    if (!first || !second) return [];
    const drift = second.reference / first.reference;
    const ratio = second.ours / first.ours / drift;
    const verdict = ratio > threshold ? 'slower' : ratio < 1 / threshold ? 'quicker' : 'as before';
    return [{ name: row.name, before: first.ours, after: second.ours, drift, ratio, verdict }];
  });
  const names = new Set(changes.map(({ name }) => name));
  const others = ({ rows }: BenchResult) => rows.map(({ name }) => name).filter((name) => !names.has(name));
  return {
    clock,
    changes: changes.sort((a, b) => b.ratio - a.ratio),
    onlyBefore: others(before),
    onlyAfter: others(after),
  };
}

/**
 * Processor time on software adapters, because other programs disturb it less; on GPUs it says nothing about the GPU.
 */
function clockFor(before: BenchResult, after: BenchResult): ClockName {
  const rows = [...before.rows, ...after.rows];
  const software = before.environment.software && after.environment.software;
  // Some systems count processor time in ticks longer than a short run.
  return software && rows.every((row) => timesOf(row, 'cpu')) ? 'cpu' : 'wall';
}

function timesOf(row: Row | undefined, clock: ClockName): { ours: number; reference: number } | null {
  const [ours, reference] = [row?.ours[clock]?.median, row?.reference[clock]?.median];
  return ours && reference ? { ours, reference } : null;
}
