/**
 * Positions of at most `most` cases, spread evenly: Node runs all of an operator, and browsers on software adapters
 * compile for minutes what they then run at once. GLOCAL_ALL_CASES=1 takes all.
 */
export function samplePositions(count: number, most: number): number[] {
  const every = process.env.GLOCAL_ALL_CASES ? 1 : Math.max(1, Math.ceil(count / most));
  return Array.from({ length: Math.ceil(count / every) }, (_, at) => at * every);
}
