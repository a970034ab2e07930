import {
  closeSync,
  existsSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeSync,
} from 'node:fs';
import { join } from 'node:path';
import { InputError, WeightsError } from '../../errors';
import { type Checkpoint, decodeCheckpoint } from '../checkpoint';
import { type RunConfig, requireSameConfig } from '../config';
import { formatLine, keepThrough, type LogLine } from '../log';
import type { RunOutput } from '../run';
import { writeFileAtomically } from './atomic-file';

/** What `config.json` of a run folder holds. */
export interface RunRecord {
  readonly config: RunConfig;
  /** The folder of HDR files, absolute; absent for the bundled scenes. */
  readonly data?: string;
}

const CHECKPOINTS_KEPT = 3;

/**
 * The output folder of a run: `config.json`, `log.jsonl`, `checkpoints/step-*.safetensors` (the last three),
 * `best.safetensors` (weights with the best validation) and, once done, `weights.safetensors`.
 */
export class RunFolder implements RunOutput {
  readonly path: string;
  readonly #warn: (message: string) => void;
  #log: number | undefined;

  constructor(path: string, warn: (message: string) => void = () => {}) {
    this.path = path;
    this.#warn = warn;
  }

  /** What the folder's `config.json` says; undefined where no run was begun. */
  record(): RunRecord | undefined {
    const path = this.#at('config.json');
    if (!existsSync(path)) return undefined;
    try {
      return JSON.parse(readFileSync(path, 'utf8')) as RunRecord;
    } catch {
      throw new WeightsError(`${path} cannot be read as JSON, so the run in ${this.path} cannot be resumed.`);
    }
  }

  /** Begins a run in a folder that holds none. */
  begin(record: RunRecord): void {
    if (existsSync(this.#at('config.json'))) throw this.occupied();
    try {
      mkdirSync(this.#at('checkpoints'), { recursive: true });
      writeFileAtomically(this.#at('config.json'), `${JSON.stringify(record, null, 2)}\n`);
    } catch (cause) {
      const reason = cause instanceof Error ? cause.message : String(cause);
      throw new InputError(`${this.path} cannot be written, so the run was not begun: ${reason}`, { cause });
    }
    this.#log = openSync(this.#at('log.jsonl'), 'w');
  }

  /** What is wrong with beginning a run where another lies. */
  occupied(): InputError {
    return new InputError(
      `${this.path} holds a run already; nothing was changed. Add --resume to go on with it, or choose another --out.`,
    );
  }

  /**
   * The newest whole checkpoint; undefined if the run had not come to one.
   * @throws WeightsError if it belongs to another configuration, by name of what differs.
   */
  latest(config: RunConfig): Checkpoint | undefined {
    const checkpoint = this.#newest();
    if (checkpoint) requireSameConfig(`The checkpoint in ${this.path}`, checkpoint.meta.config, config);
    return checkpoint;
  }

  /** Opens the log of a run to go on after `step` steps; later lines are dropped. */
  reopen(step: number): void {
    const path = this.#at('log.jsonl');
    const text = existsSync(path) ? readFileSync(path, 'utf8') : '';
    writeFileAtomically(path, keepThrough(text, step));
    mkdirSync(this.#at('checkpoints'), { recursive: true });
    this.#log = openSync(path, 'a');
  }

  async log(line: LogLine): Promise<void> {
    if (this.#log === undefined) throw new Error('The run folder was not opened.');
    this.#unlessDiskFull('the log line', () => writeSync(this.#log!, formatLine(line)));
  }

  async checkpoint(step: number, bytes: Uint8Array): Promise<void> {
    const name = `step-${String(step).padStart(7, '0')}.safetensors`;
    this.#unlessDiskFull(`the checkpoint of step ${step}`, () => {
      writeFileAtomically(this.#at('checkpoints', name), bytes);
      for (const old of this.#checkpoints().slice(CHECKPOINTS_KEPT)) rmSync(this.#at('checkpoints', old));
    });
  }

  async best(bytes: Uint8Array): Promise<void> {
    this.#unlessDiskFull('the best weights', () => writeFileAtomically(this.#at('best.safetensors'), bytes));
  }

  async final(bytes: Uint8Array): Promise<void> {
    writeFileAtomically(this.#at('weights.safetensors'), bytes);
  }

  close(): void {
    if (this.#log !== undefined) closeSync(this.#log);
    this.#log = undefined;
  }

  /** A checkpoint by the name of its file. */
  read(name: string): Checkpoint {
    const path = this.#at('checkpoints', name);
    return decodeCheckpoint(readFileSync(path), path);
  }

  /** Names of the checkpoints, newest first. */
  #checkpoints(): string[] {
    const folder = this.#at('checkpoints');
    if (!existsSync(folder)) return [];
    return readdirSync(folder)
      .filter((name) => /^step-\d+\.safetensors$/.test(name))
      .sort()
      .reverse();
  }

  #newest(): Checkpoint | undefined {
    const damaged: WeightsError[] = [];
    for (const name of this.#checkpoints()) {
      try {
        return this.read(name);
      } catch (error) {
        if (!(error instanceof WeightsError)) throw error;
        damaged.push(error);
        this.#warn(`${error.message}\nTrying the checkpoint before it.`);
      }
    }
    if (damaged[0]) throw damaged[0];
    return undefined;
  }

  /** A full disk must not end a night's run: the old files stand, the run goes on and says so. */
  #unlessDiskFull(what: string, write: () => void): void {
    try {
      write();
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException;
      if (code !== 'ENOSPC' && code !== 'EDQUOT') throw error;
      this.#warn(
        `The disk is full: ${what} was not written to ${this.path}. Training goes on; free some space.`,
      );
    }
  }

  #at(...parts: string[]): string {
    return join(this.path, ...parts);
  }
}
