import type { RunConfig } from './config';
import type { LogLine, StepLine } from './log';

/** Lines at the start of a run that are no measure: they wait for scenes to be decoded. */
const SETTLING = 5;
/** Above this share of the time a remedy is worth a line. */
const MUCH = 0.1;

/** Share of the time of steps that went into waiting for pairs, 0 to 1. */
export function waitingShare(steps: readonly StepLine[]): number {
  return steps.reduce((sum, { waiting }) => sum + waiting, 0) / Math.max(1, steps.length);
}

/** A line for a run that waits much and has something left to do about it. */
export function waitingRemedy(
  lines: readonly LogLine[],
  { synthesis }: Pick<RunConfig, 'synthesis'>,
): string | undefined {
  const steps = lines.filter((line): line is StepLine => 'loss' in line);
  const share = waitingShare(steps.slice(SETTLING));
  if (share <= MUCH || synthesis.fusion === 'device') return undefined;
  return (
    `The device waited for pairs ${(100 * share).toFixed(0)} % of the time, the first steps apart: in a new run ` +
    '--fusion device moves the heaviest part of making them there.'
  );
}
