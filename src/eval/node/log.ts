import { existsSync, readdirSync } from 'node:fs';
import { appendFile } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { writeFileAtomically } from '../../atomic-file-node';
import type { Shard } from '../../enhance/node/jobs';
import { InputError } from '../../errors';
import { readRegularFileSync } from '../../read-file-node';
import { reason } from '../../reason';
import type { Compared } from './protocol';

/** The results of test picture `index`. */
export interface LoggedPicture extends Compared {
  readonly index: number;
  readonly name: string;
}

/** Settings that must agree for results to belong together. */
type EvaluationSettings = Readonly<Record<string, unknown>>;

/** Records results as they come, one JSON line each after a line of settings, so that an evaluation can resume. */
export class EvaluationLog {
  readonly #path: string | undefined;
  /** Results of an earlier run. */
  readonly done: ReadonlyMap<number, LoggedPicture>;

  /**
   * @param path of the file; without one nothing is recorded.
   * @param shard records a part in its own file, `PATH.2-of-4`. Without it, the results of all parts count as an
   * earlier run's.
   * @throws InputError when a file has other settings, or is not a log.
   */
  constructor(path: string | undefined, settings: EvaluationSettings, shard?: Shard) {
    if (path === undefined) {
      this.done = new Map();
      return;
    }
    const own = shard ? `${path}.${shard.index}-of-${shard.count}` : path;
    this.#path = own;
    const files = shard ? [own] : [...partsOf(path), own];
    const pictures = files.flatMap((file) => (existsSync(file) ? readLog(file, settings) : []));
    this.done = new Map(pictures.map((picture) => [picture.index, picture]));
    // Truncated lines are dropped so that the next line starts cleanly.
    const lines = [settings, ...this.done.values()].map((line) => `${JSON.stringify(line)}\n`);
    try {
      writeFileAtomically(own, lines.join(''));
    } catch (cause) {
      throw new InputError(`${own} cannot be written: ${reason(cause)}. Choose another place.`, { cause });
    }
  }

  async add(picture: LoggedPicture): Promise<void> {
    if (this.#path !== undefined) await appendFile(this.#path, `${JSON.stringify(picture)}\n`);
  }
}

/** The logs of shards beside a log. */
function partsOf(path: string): string[] {
  const folder = dirname(path);
  const prefix = `${basename(path)}.`;
  const isPart = (name: string) => name.startsWith(prefix) && /^\d+-of-\d+$/.test(name.slice(prefix.length));
  if (!existsSync(folder)) return [];
  return readdirSync(folder)
    .filter(isPart)
    .sort()
    .map((name) => join(folder, name));
}

function readLog(path: string, settings: EvaluationSettings): LoggedPicture[] {
  const [head, ...lines] = String(readRegularFileSync(path)).split('\n');
  const found = parse<EvaluationSettings>(head);
  if (found === null)
    throw new InputError(`${path} is not a log of an evaluation. Choose another file for --log.`);
  const expected = JSON.parse(JSON.stringify(settings)) as EvaluationSettings;
  const keys = new Set([...Object.keys(expected), ...Object.keys(found)]);
  const other = [...keys].filter((key) => JSON.stringify(found[key]) !== JSON.stringify(expected[key]));
  if (other.length > 0) {
    throw new InputError(
      `${path} is the log of an evaluation with other settings (${other.join(', ')}). Use the same settings, or another file.`,
    );
  }
  return lines.map((line) => parse<LoggedPicture>(line)).filter((picture) => picture !== null);
}

/** Null unless it is a JSON object. */
function parse<T extends object>(line: string | undefined): T | null {
  try {
    const value: unknown = JSON.parse(line ?? '');
    return typeof value === 'object' && value !== null ? (value as T) : null;
  } catch {
    return null;
  }
}
