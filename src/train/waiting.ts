import type { RunConfig } from './config';
import type { LogLine, StepLine } from './log';

/** Above this share of the time a remedy is worth a line. */
const MUCH = 0.1;

/** Share of the time of the steps that went into waiting for pairs, 0 to 1. */
export function waitingShare(lines: readonly LogLine[]): number {
  const steps = lines.filter((line): line is StepLine => 'loss' in line);
  return steps.reduce((sum, { waiting }) => sum + waiting, 0) / Math.max(1, steps.length);
}

/** A line for a run that waited much and has something left to do about it. */
export function waitingRemedy(
  lines: readonly LogLine[],
  { synthesis }: Pick<RunConfig, 'synthesis'>,
): string | undefined {
  const share = waitingShare(lines);
  if (share <= MUCH || synthesis.fusion === 'device') return undefined;
  return (
    `The device waited for pairs ${(100 * share).toFixed(0)} % of the time: --fusion device moves the heaviest part ` +
    'of making them there.'
  );
}
