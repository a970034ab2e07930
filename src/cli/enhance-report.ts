import { SingleBar } from 'cli-progress';

/** What became of one input, as `--json` prints it. */
export interface FileResult {
  readonly input: string;
  readonly output?: string;
  readonly width?: number;
  readonly height?: number;
  readonly milliseconds?: number;
  readonly notes?: readonly string[];
  readonly error?: string;
}

/** Tells the user how it goes. */
export interface Reporter {
  /** A fact about the whole run, such as a software adapter. */
  announce(line: string): void;
  /** A photo begins; `done` of `total` are finished. */
  begin(input: string, done: number, total: number): void;
  /** Share of the current photo. */
  progress(fraction: number): void;
  result(result: FileResult): void;
  /** After the last photo. */
  end(results: readonly FileResult[], facts: Readonly<Record<string, unknown>>): void;
}

interface Streams {
  readonly out: NodeJS.WriteStream;
  readonly err: NodeJS.WriteStream;
}

/** A line for each photo, and a bar while a terminal looks on. */
export class TextReporter implements Reporter {
  readonly #bar: SingleBar | undefined;
  #done = 0;

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
    this.streams.err.write(`${line}\n`);
  }

  begin(input: string, done: number, total: number): void {
    this.#done = done;
    this.#bar?.start(total, done, { name: input });
  }

  progress(fraction: number): void {
    this.#bar?.update(this.#done + fraction);
  }

  result({ input, output, width, height, milliseconds = 0, notes = [], error }: FileResult): void {
    this.#bar?.stop();
    if (error !== undefined) {
      this.streams.err.write(`failed    ${input}: ${withoutPrefix(error, input)}\n`);
      return;
    }
    const note = notes.length > 0 ? ` (${notes.join('; ')})` : '';
    const seconds = (milliseconds / 1000).toFixed(1);
    this.streams.out.write(`enhanced  ${input} -> ${output}  ${width} x ${height}  ${seconds} s${note}\n`);
  }

  end(results: readonly FileResult[]): void {
    this.#bar?.stop();
    const failed = results.filter((result) => result.error !== undefined).length;
    this.streams.out.write(`${results.length - failed} enhanced, ${failed} failed\n`);
  }
}

/** One JSON document on standard output, at the end, and nothing else there. */
export class JsonReporter implements Reporter {
  constructor(private readonly streams: Streams = { out: process.stdout, err: process.stderr }) {}

  announce(line: string): void {
    this.streams.err.write(`${line}\n`);
  }

  begin(): void {}
  progress(): void {}
  result(): void {}

  end(results: readonly FileResult[], facts: Readonly<Record<string, unknown>>): void {
    this.streams.out.write(`${JSON.stringify({ ...facts, files: results }, null, 2)}\n`);
  }
}

/** Messages about a file begin with its name, and so does the line. */
const withoutPrefix = (error: string, input: string): string =>
  error.startsWith(`${input} `) ? error.slice(input.length + 1) : error;
