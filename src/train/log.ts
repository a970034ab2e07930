/** One training step. `step` counts finished steps, so the first line has 1. */
export interface StepLine {
  readonly step: number;
  /** Loss of the batch: the f32 read from the device. */
  readonly loss: number;
  /** Learning rate of the step. */
  readonly lr: number;
  /** Training pairs per second since the previous line. */
  readonly imagesPerSecond: number;
  /** Share of that time spent waiting for pairs, from 0 to 1. */
  readonly waiting: number;
  /** ISO 8601. */
  readonly time: string;
}

/** Mean PSNR in dB over the fixed validation pairs after `step` steps. */
export interface ValidationLine {
  readonly step: number;
  readonly psnr: number;
  /** The best validation so far, including this one. */
  readonly best: { readonly step: number; readonly psnr: number };
  readonly time: string;
}

/** The start, resumption or end of a run, and its adapter. */
export interface EventLine {
  readonly step: number;
  readonly event: 'start' | 'resume' | 'interrupted' | 'diverged' | 'end';
  readonly runtime?: string;
  readonly adapter?: string;
  /**
   * Operations per step, and the adapter's peak per second as measured at the start of the run. A multiply-add counts
   * as two.
   */
  readonly work?: { readonly flopsPerStep: number; readonly peak: number };
  readonly message?: string;
  readonly time: string;
}

/** One line of the log, which consists of JSON lines. */
export type LogLine = StepLine | ValidationLine | EventLine;

export const formatLine = (line: LogLine): string => `${JSON.stringify(line)}\n`;

/**
 * The log as of the checkpoint at `step`. Later lines are dropped because the resumed run writes them again; a
 * truncated last line is dropped too.
 */
export function keepThrough(text: string, step: number): string {
  let kept = '';
  for (const line of text.split('\n').slice(0, -1)) {
    const parsed = parseLine(line);
    if (parsed && parsed.step <= step) kept += `${line}\n`;
  }
  return kept;
}

/** The lines of a log, skipping unreadable ones. */
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

const COLUMNS = ['step', 'loss', 'lr', 'imagesPerSecond', 'waiting', 'psnr', 'best', 'time'] as const;

/** Steps and validations as a table (RFC 4180) with a header, in the order of the log; events are left out. */
export function formatCsv(lines: readonly LogLine[]): string {
  const rows = lines.flatMap((line) => {
    if ('event' in line) return [];
    const values: Partial<Record<(typeof COLUMNS)[number], number | string>> =
      'psnr' in line ? { ...line, best: line.best.psnr } : line;
    return [COLUMNS.map((column) => values[column] ?? '').join(',')];
  });
  return `${[COLUMNS.join(','), ...rows].join('\r\n')}\r\n`;
}
