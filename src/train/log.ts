/** One training step. `step` counts steps done, so the first line has 1. */
export interface StepLine {
  readonly step: number;
  /** Loss of the batch, the f32 as read from the device. */
  readonly loss: number;
  readonly lr: number;
  /** Training pairs per second since the previous line. */
  readonly imagesPerSecond: number;
  /** Share of that time spent waiting for pairs, 0 to 1. */
  readonly waiting: number;
  /** ISO 8601. */
  readonly time: string;
}

/** Mean PSNR in dB over the fixed validation pairs after `step` steps. */
export interface ValidationLine {
  readonly step: number;
  readonly psnr: number;
  /** Step and value of the best validation so far, this one included. */
  readonly best: { readonly step: number; readonly psnr: number };
  readonly time: string;
}

/** Where a run began, was resumed or stopped, and on which adapter. */
export interface EventLine {
  readonly step: number;
  readonly event: 'start' | 'resume' | 'interrupted' | 'diverged' | 'end';
  readonly runtime?: string;
  readonly adapter?: string;
  /** Operations of a step, and the adapter's peak per second measured when the run began; a multiply-add counts as two. */
  readonly work?: { readonly flopsPerStep: number; readonly peak: number };
  readonly message?: string;
  readonly time: string;
}

/** The log is JSON lines, one of these each. */
export type LogLine = StepLine | ValidationLine | EventLine;

export const formatLine = (line: LogLine): string => `${JSON.stringify(line)}\n`;

/**
 * The log as it was when the checkpoint of `step` was written. Later lines are dropped, because the resumed run writes
 * them again, and so is a truncated last line.
 */
export function keepThrough(text: string, step: number): string {
  let kept = '';
  for (const line of text.split('\n').slice(0, -1)) {
    const parsed = parseLine(line);
    if (parsed && parsed.step <= step) kept += `${line}\n`;
  }
  return kept;
}

/** The lines of a log; unreadable ones are left out. */
export function parseLog(text: string): LogLine[] {
  return text.split('\n').flatMap((line) => parseLine(line) ?? []);
}

function parseLine(line: string): LogLine | undefined {
  try {
    const value: unknown = JSON.parse(line);
    return typeof value === 'object' && value !== null && 'step' in value ? (value as LogLine) : undefined;
  } catch {
    return undefined;
  }
}
