import { closeSync, existsSync, fstatSync, fsyncSync, openSync, writeFileSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { readRegularFileSync } from '../../read-file-node';
import { formatLine, type LogLine, parseLog } from '../log';

/** Name of the log in the folder of a run. */
export const LOG_FILE = 'log.jsonl';

/** The lines of a run's log; none if there is no such file. */
export function readLog(run: string): LogLine[] {
  const path = join(run, LOG_FILE);
  return parseLog(existsSync(path) ? String(readRegularFileSync(path)) : '');
}

/**
 * A log that loses no line while it is open: what a full disk does not take is kept and written with a later line.
 */
export class LogFile {
  readonly #file: number;
  /** Bytes of whole lines on the disk. */
  #length: number;
  #unwritten = Buffer.alloc(0);

  /** Opens the log behind what the file holds; made if absent. */
  constructor(path: string) {
    writeFileSync(path, '', { flag: 'a' });
    this.#file = openSync(path, 'r+');
    this.#length = fstatSync(this.#file).size;
  }

  /** @throws the error of the file system, ENOSPC for one; the line is kept. */
  append(line: LogLine): void {
    this.#unwritten = Buffer.concat([this.#unwritten, Buffer.from(formatLine(line))]);
    this.#write();
  }

  /** Brings every line to the disk. @throws the error of the file system; the lines are kept. */
  flush(): void {
    this.#write();
    fsyncSync(this.#file);
  }

  close(): void {
    closeSync(this.#file);
  }

  /** A disk that fills up takes part of what it is given. */
  #write(): void {
    while (this.#unwritten.length > 0) {
      const written = writeSync(this.#file, this.#unwritten, 0, this.#unwritten.length, this.#length);
      this.#length += written;
      this.#unwritten = this.#unwritten.subarray(written);
    }
  }
}
