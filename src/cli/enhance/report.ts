import { SingleBar } from 'cli-progress';
import type { FileResult, Reporter } from '../../enhance/node/batch';
import { printable } from '../../printable';

interface Streams {
  readonly out: NodeJS.WriteStream;
  readonly err: NodeJS.WriteStream;
}

/** A line for each photo, and a bar while a terminal looks on. */
export class TextReporter implements Reporter {
  readonly #bar: SingleBar | undefined;

  constructor(private readonly streams: Streams = { out: process.stdout, err: process.stderr }) {
    if (!streams.err.isTTY) return;
    this.#bar = new SingleBar({
      format: '{bar} {percentage}% | {value}/{total} | {name}',
      formatValue: (value, _options, type) => (type === 'value' ? String(Math.floor(value)) : String(value)),
      stream: streams.err,
      clearOnComplete: true,
      hideCursor: true,
    });
  }

  announce(line: string): void {
    this.#bar?.stop();
    this.streams.err.write(`${printable(line)}\n`);
  }

  progress(done: number, total: number, name: string): void {
    if (this.#bar?.isActive) this.#bar.update(done, { name: printable(name) });
    else this.#bar?.start(total, done, { name: printable(name) });
  }

  result(result: FileResult): void {
    this.#bar?.stop();
    const { skipped, width, height, milliseconds = 0, notes = [] } = result;
    const input = printable(result.input);
    const output = printable(result.output ?? '');
    const error = result.error === undefined ? undefined : printable(result.error);
    const { out, err } = this.streams;
    if (error !== undefined) err.write(`failed    ${input}: ${withoutPrefix(error, input)}\n`);
    else if (skipped === 'exists') out.write(`skipped   ${input}: ${output} exists\n`);
    else if (skipped === 'dry run') out.write(`would do  ${input} -> ${output}\n`);
    else {
      const note = notes.length > 0 ? ` (${notes.join('; ')})` : '';
      const seconds = (milliseconds / 1000).toFixed(1);
      out.write(`enhanced  ${input} -> ${output}  ${width} x ${height}  ${seconds} s${note}\n`);
    }
  }

  end(results: readonly FileResult[]): void {
    this.#bar?.stop();
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

/** One JSON document on standard output, at the end, and nothing else there. */
export class JsonReporter implements Reporter {
  constructor(private readonly streams: Streams = { out: process.stdout, err: process.stderr }) {}

  announce(line: string): void {
    this.streams.err.write(`${line}\n`);
  }

  progress(): void {}
  result(): void {}

  end(results: readonly FileResult[], facts: Readonly<Record<string, unknown>>): void {
    this.streams.out.write(`${JSON.stringify({ ...facts, files: results }, null, 2)}\n`);
  }
}

/** Messages about a file begin with its name, and so does the line. */
const withoutPrefix = (error: string, input: string): string =>
  error.startsWith(`${input} `) ? error.slice(input.length + 1) : error;
