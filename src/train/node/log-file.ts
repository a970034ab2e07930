import { closeSync, existsSync, fstatSync, fsyncSync, openSync, writeFileSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { readRegularFileSync } from '../../read-file-node';
import { formatLine, type LogLine, parseLog } from '../log';

/** Name of the log in a run's folder. */
export const LOG_FILE = 'log.jsonl';

/** The lines of a run's log; none if there is no such file. */
export function readLog(run: string): LogLine[] {
  const path = join(run, LOG_FILE);
  return parseLog(existsSync(path) ? String(readRegularFileSync(path)) : '');
}

/** A log that loses no line while it is open: lines that do not fit on a full disk are written with a later one. */
export class LogFile {
  readonly #file: number;
  /** Length in bytes of the whole lines on disk. */
  #length: number;
  #unwritten = Buffer.alloc(0);

  /** Opens the log for appending, creating it if absent. */
  constructor(path: string) {
    writeFileSync(path, '', { flag: 'a' });
    this.#file = openSync(path, 'r+');
    this.#length = fstatSync(this.#file).size;
  }

  /** @throws the file system's error, such as ENOSPC; the line is kept. */
  append(line: LogLine): void {
    this.#unwritten = Buffer.concat([this.#unwritten, Buffer.from(formatLine(line))]);
    this.#write();
  }

  /** Writes every pending line to disk. @throws the file system's error; the lines are kept. */
  flush(): void {
    this.#write();
    fsyncSync(this.#file);
  }

  close(): void {
    closeSync(this.#file);
  }

  /** A full disk may accept only part of a write. */
  #write(): void {
    while (this.#unwritten.length > 0) {
      const written = writeSync(this.#file, this.#unwritten, 0, this.#unwritten.length, this.#length);
      this.#length += written;
      this.#unwritten = this.#unwritten.subarray(written);
    }
  }
}
