import { SingleBar } from 'cli-progress';
import type { FileResult, Reporter } from '../../enhance/node/batch';
import { printable, printableLine } from '../../printable';
import { mebibytes } from '../../units';

interface Streams {
  readonly out: NodeJS.WriteStream;
  readonly err: NodeJS.WriteStream;
}

/** Level of output: failures only, one line per photo, or also details of the computation. */
type Detail = 'quiet' | 'plain' | 'verbose';

/** One line per photo, and a progress bar on terminals. Plain text, without colours. */
export class TextReporter implements Reporter {
  readonly #bar: SingleBar | undefined;
  #begun: number | undefined;

  constructor(
    private readonly detail: Detail = 'plain',
    private readonly streams: Streams = { out: process.stdout, err: process.stderr },
  ) {
    if (!streams.err.isTTY || process.env.TERM === 'dumb' || detail === 'quiet') return;
    this.#bar = new SingleBar({
      format: '{bar} {percentage}% | {value}/{total} | {left} | {name}',
      formatValue: (value, _options, type) => (type === 'value' ? String(Math.floor(value)) : String(value)),
      stream: streams.err,
      clearOnComplete: true,
      hideCursor: true,
    });
  }

  announce(line: string): void {
    this.#bar?.stop();
    if (this.detail === 'quiet') return;
    this.streams.err.write(`${printable(line)}\n`);
  }

  progress(done: number, total: number, name: string): void {
    const now = performance.now();
    this.#begun ??= now;
    const left = timeLeft((now - this.#begun) / 1000, done / total);
    if (this.#bar?.isActive) this.#bar.update(done, { name: printableLine(name), left });
    else this.#bar?.start(total, done, { name: printableLine(name), left });
  }

  result(result: FileResult): void {
    this.#bar?.stop();
    const { skipped, width, height, milliseconds = 0, notes = [] } = result;
    const input = printableLine(result.input);
    const output = printableLine(result.output ?? '');
    const error = result.error === undefined ? undefined : printableLine(result.error);
    const { out, err } = this.streams;
    if (error !== undefined) err.write(`failed    ${input}: ${withoutPrefix(error, input)}\n`);
    else if (this.detail === 'quiet') return;
    else if (skipped === 'exists') out.write(`skipped   ${input}: ${output} exists\n`);
    else if (skipped === 'dry run') out.write(`would do  ${input} -> ${output}\n`);
    else {
      const note = notes.length > 0 ? ` (${printableLine(notes.join('; '))})` : '';
      const seconds = (milliseconds / 1000).toFixed(1);
      out.write(`enhanced  ${input} -> ${output}  ${width} x ${height}  ${seconds} s${note}\n`);
    }
  }

  end(results: readonly FileResult[], facts: Readonly<Record<string, unknown>>): void {
    this.#bar?.stop();
    if (this.detail === 'quiet') return;
    if (this.detail === 'verbose') this.streams.out.write(describeRun(facts));
    const count = (is: (result: FileResult) => boolean) => results.filter(is).length;
    const failed = count(({ error }) => error !== undefined);
    const skipped = count((result) => result.skipped === 'exists');
    const planned = count((result) => result.skipped === 'dry run');
    const enhanced = results.length - failed - skipped - planned;
    const parts = [`${enhanced} enhanced`, `${failed} failed`];
    if (skipped > 0) parts.push(`${skipped} skipped`);
    if (planned > 0) parts[0] = `${planned} would be enhanced`;
    this.streams.out.write(`${parts.join(', ')}\n`);
  }
}

/** Estimates the remaining time from the progress so far. */
export function timeLeft(seconds: number, share: number): string {
  // The first photo also waits for compilation.
  if (share <= 0 || seconds < 1) return 'time left unknown';
  const left = Math.ceil((seconds * (1 - share)) / share);
  if (left < 60) return `${left} s left`;
  const minutes = Math.round(left / 60);
  return minutes < 60 ? `${minutes} min left` : `${Math.floor(minutes / 60)} h ${minutes % 60} min left`;
}

function describeRun({
  model,
  adapter,
  deviceBytes,
  processBytes,
}: Readonly<Record<string, unknown>>): string {
  if (adapter === undefined) return '';
  return (
    `model     ${String(model)}\nadapter   ${String(adapter)}\n` +
    `memory    ${mebibytes(Number(deviceBytes))} on the device, ${mebibytes(Number(processBytes))} in the process, at most\n`
  );
}

/** Increased when a field changes its meaning or is removed; docs/enhance.schema.json describes it. */
const JSON_VERSION = 1;

/** One JSON document on standard output, at the end, and nothing else there. */
export class JsonReporter implements Reporter {
  constructor(private readonly streams: Streams = { out: process.stdout, err: process.stderr }) {}

  announce(line: string): void {
    this.streams.err.write(`${printable(line)}\n`);
  }

  progress(): void {}
  result(): void {}

  end(results: readonly FileResult[], facts: Readonly<Record<string, unknown>>): void {
    this.streams.out.write(
      `${JSON.stringify({ version: JSON_VERSION, ...facts, files: results }, null, 2)}\n`,
    );
  }
}

/** Messages about a file start with its name, and so does the line. */
const withoutPrefix = (error: string, input: string): string =>
  error.startsWith(`${input} `) ? error.slice(input.length + 1) : error;
