import type { Opponent, OpponentRun } from './opponent';
import type { Candidate, RaceOptions, Sample } from './race';
import { race } from './race';
import { type Comparison, type NoComparison, type Row, ratioOf, timingOf } from './results';

/** An opponent that is warmed up, and the difference of its output from ours. */
export interface ReadyOpponent extends Candidate {
  readonly opponent: string;
  readonly version: string;
  readonly difference: number;
  readonly tolerance: number;
}

/** Warms an opponent up and compares its output with ours. */
export async function warmUp(
  { title, version }: Pick<Opponent, 'title' | 'version'>,
  run: OpponentRun,
  expected: ArrayLike<number>,
  tolerance: number,
): Promise<ReadyOpponent> {
  await run.run(1);
  return {
    opponent: title,
    version,
    run: (times) => run.run(times),
    difference: relativeDifference(expected, await run.read()),
    tolerance,
  };
}

type ComparisonRow = Pick<Row, 'ours' | 'reference' | 'comparisons'>;

/**
 * Interleaves our runs with those of every opponent whose output agrees. Opponents with other outputs are not timed:
 * a fast wrong answer is meaningless. The reference is interleaved too, to show the speed of the machine at the time.
 */
export async function compareWith(
  ours: Candidate,
  ready: readonly (ReadyOpponent | NoComparison)[],
  { reference, race: options }: { readonly reference: Candidate; readonly race: RaceOptions },
): Promise<ComparisonRow> {
  const fit = ready.filter((one): one is ReadyOpponent => !('problem' in one) && agrees(one));
  const [own, measure, ...theirs] = await race([ours, reference, ...fit], options);
  const comparisons = ready.map((one): Comparison | NoComparison => {
    if ('problem' in one) return one;
    const { opponent, version, difference, tolerance } = one;
    if (!agrees(one)) return { opponent, problem: disagreement(one) };
    const samples = theirs[fit.indexOf(one)]!;
    return { opponent, version, difference, tolerance, ...judged(samples, own!) };
  });
  return { ours: timingOf(own!), reference: timingOf(measure!), comparisons };
}

const judged = (theirs: readonly Sample[], ours: readonly Sample[]) => ({
  theirs: timingOf(theirs),
  ours: timingOf(ours),
  ratio: ratioOf(theirs, ours, 'wall')!,
  cpuRatio: ratioOf(theirs, ours, 'cpu'),
});

// NaN does not agree.
const agrees = ({ difference, tolerance }: ReadyOpponent): boolean => difference <= tolerance;

const disagreement = ({ difference, tolerance }: ReadyOpponent): string =>
  `outputs differ by ${difference.toExponential(1)} of the largest value, more than ${tolerance.toExponential(1)}; not timed`;

/** Largest difference, relative to our largest value; NaN if there is one. */
export function relativeDifference(ours: ArrayLike<number>, theirs: ArrayLike<number>): number {
  if (ours.length !== theirs.length) return Number.POSITIVE_INFINITY;
  let [largest, difference] = [0, 0];
  for (let i = 0; i < ours.length; i++) {
    const gap = Math.abs(ours[i]! - theirs[i]!);
    if (Number.isNaN(gap)) return Number.NaN;
    largest = Math.max(largest, Math.abs(ours[i]!));
    difference = Math.max(difference, gap);
  }
  return largest === 0 ? Number.POSITIVE_INFINITY : difference / largest;
}
