import { existsSync, readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { PARTIAL, writeFileAtomically } from '../../atomic-file-node';
import { InputError, WeightsError } from '../../errors';
import { makeFolder } from '../../make-folder-node';
import { describeModel } from '../../model/model-config';
import { decodeWeights } from '../../model/weights';
import { readRegularFileSync } from '../../read-file-node';
import { reason } from '../../reason';
import { type Checkpoint, decodeCheckpoint } from '../checkpoint';
import { configAt, type RunConfig, requireSameConfig } from '../config';
import type { Preview, RunOutput } from '../job';
import { keepThrough, type LogLine } from '../log';
import { LOG_FILE, LogFile } from './log-file';
import { encodePreviews, writePreviews } from './preview-files';
import { writeReport } from './report-file';
import { lock, requireUnlocked, unlock } from './run-lock';
import { type RunRecord, readRunRecord } from './run-record';

const CHECKPOINTS_KEPT = 3;

/** No space left or quota exceeded: space may be freed. */
const MAY_GET_ROOM: readonly string[] = ['ENOSPC', 'EDQUOT'];

/** These, plus exceeding the largest allowed file. */
const FULL: readonly string[] = [...MAY_GET_ROOM, 'EFBIG'];

/** Between attempts to write the final weights to a full disk, and in total. */
const RETRY_MS = 2000;
const MOST_WAITING_MS = 3_600_000;

/**
 * The output folder of a run: `config.json`, `log.jsonl`, `checkpoints/step-*.safetensors` (the last three),
 * `best.safetensors` (weights with the best validation), `previews/`, `report.html` and, when finished,
 * `weights.safetensors`. While a process is training, `process.pid` has its number.
 */
export class RunFolder implements RunOutput {
  readonly path: string;
  readonly #warn: (message: string) => void;
  #log: LogFile | undefined;

  constructor(path: string, warn: (message: string) => void = () => {}) {
    this.path = path;
    this.#warn = warn;
  }

  /** The content of `config.json`; undefined if no run was begun here. */
  record(): RunRecord | undefined {
    const path = this.#at('config.json');
    return existsSync(path) ? readRunRecord(path, `the run in ${this.path} cannot be resumed`) : undefined;
  }

  /** Begins a run in an empty folder. */
  begin(record: RunRecord): void {
    if (existsSync(this.#at('config.json'))) throw this.occupied();
    this.#writing('the run was not started', () => {
      makeFolder(this.#at('checkpoints'));
      rmSync(this.#at(LOG_FILE), { force: true });
      this.#open();
      this.#writeRecord(record);
    });
  }

  /** The error for beginning a run where another exists. */
  occupied(): InputError {
    return new InputError(
      `${this.path} already has a run; nothing was changed. Add --resume to continue it, or choose another --out.`,
    );
  }

  /**
   * The newest whole checkpoint; undefined if there is none yet.
   * @throws WeightsError naming the differences if it belongs to another configuration.
   */
  latest(config: RunConfig): Checkpoint | undefined {
    const checkpoint = this.#newest();
    if (!checkpoint) return undefined;
    // The checkpoint at which a run was extended still belongs to the shorter run.
    const here = configAt(config, checkpoint.meta.config.schedule.steps);
    requireSameConfig(`The checkpoint in ${this.path}`, checkpoint.meta.config, here);
    return checkpoint;
  }

  /** Finished steps at the newest checkpoint, from its name; undefined if there is none. */
  newestStep(): number | undefined {
    const [newest] = this.#checkpoints();
    return newest === undefined ? undefined : Number.parseInt(newest.slice('step-'.length), 10);
  }

  /** @throws InputError if another process is training in this folder. */
  requireUnused(): void {
    requireUnlocked(this.#at('process.pid'));
  }

  /**
   * Opens a run to continue after `step` steps, dropping later lines of its log.
   * @param record replaces one without digests, or of a shorter run.
   */
  reopen(step: number, record?: RunRecord): void {
    this.requireUnused();
    this.#writing('the run cannot continue', () => {
      makeFolder(this.#at('checkpoints'));
      this.#removePartial();
      const old = this.record();
      const isExtended = record?.config.schedule.steps !== old?.config.schedule.steps;
      if (record && (isExtended || !old?.digests)) this.#writeRecord(record);
      const path = this.#at(LOG_FILE);
      const text = existsSync(path) ? String(readRegularFileSync(path)) : '';
      writeFileAtomically(path, keepThrough(text, step));
      this.#open();
    });
  }

  async log(line: LogLine): Promise<void> {
    this.#unlessDiskFull('The log', () => this.#opened().append(line));
  }

  async checkpoint(step: number, bytes: Uint8Array): Promise<void> {
    const name = `step-${String(step).padStart(7, '0')}.safetensors`;
    this.#unlessDiskFull(`The checkpoint of step ${step}`, () => {
      // A run that resumes from this checkpoint needs the log lines before it.
      this.#opened().flush();
      writeFileAtomically(this.#at('checkpoints', name), bytes);
      for (const old of this.#checkpoints().slice(CHECKPOINTS_KEPT)) rmSync(this.#at('checkpoints', old));
    });
  }

  async best(bytes: Uint8Array): Promise<void> {
    this.#unlessDiskFull('The file of the best weights', () =>
      writeFileAtomically(this.#at('best.safetensors'), bytes),
    );
  }

  /**
   * Writes the weights of the finished run. On a full disk it waits for space, because the result exists only in
   * memory.
   * @param signal ends the waiting.
   * @throws InputError if they cannot be written.
   */
  async final(bytes: Uint8Array, signal?: AbortSignal): Promise<void> {
    const path = this.#at('weights.safetensors');
    const end = performance.now() + MOST_WAITING_MS;
    while (!this.#fits(() => writeFileAtomically(path, bytes))) {
      if (signal?.aborted || performance.now() >= end) {
        throw new InputError(
          `${path} could not be written because the disk is full. The checkpoints are kept; once there is space, continue ` +
            `with: glocal train --out ${this.path} --resume`,
        );
      }
      this.#warn(
        `The disk is full, and the weights of the finished run (${megabytes(bytes)} MB) are waiting for space in ${this.path}. ` +
          'Free some space; Ctrl-C gives up.',
      );
      await sleep(RETRY_MS, undefined, { signal }).catch(() => {});
    }
  }

  /**
   * Checks that the folder has usable weights of the finished run.
   * @throws WeightsError if not, saying what to do.
   */
  requireFinal({ network }: RunConfig): void {
    const path = this.#at('weights.safetensors');
    const unusable = (why: string) =>
      new WeightsError(`The training ended, but ${why}. Its checkpoints are kept: continue with --resume.`);
    if (!existsSync(path)) throw unusable(`${path} is not there`);
    const { config, state } = decodeWeights(readRegularFileSync(path), path);
    if (describeModel(config) !== describeModel(network)) throw unusable(`${path} is of another network`);
    for (const [name, { data }] of state) {
      if (!data.every(Number.isFinite)) throw unusable(`${name} in ${path} is not finite`);
    }
  }

  async previews(step: number, previews: readonly Preview[]): Promise<void> {
    const strips = await encodePreviews(previews);
    this.#unlessDiskFull(`The previews of step ${step}`, () => writePreviews(this.path, step, strips));
  }

  /** Writes `report.html` and returns its path. */
  report(record: RunRecord): string {
    this.#unlessDiskFull('The report', () => {
      this.#log?.flush();
      writeReport(this.path, record);
    });
    return this.#at('report.html');
  }

  close(): void {
    if (!this.#log) return;
    this.#log.close();
    this.#log = undefined;
    unlock(this.#at('process.pid'));
  }

  /** Reads a checkpoint by its file name. */
  read(name: string): Checkpoint {
    const path = this.#at('checkpoints', name);
    return decodeCheckpoint(readRegularFileSync(path), path);
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

  #writeRecord(record: RunRecord): void {
    writeFileAtomically(this.#at('config.json'), `${JSON.stringify(record, null, 2)}\n`);
  }

  #open(): void {
    lock(this.#at('process.pid'));
    this.#log = new LogFile(this.#at(LOG_FILE));
  }

  #opened(): LogFile {
    if (!this.#log) throw new Error('The run folder was not opened.');
    return this.#log;
  }

  /** Removes files left by a process that was killed while writing. */
  #removePartial(): void {
    for (const folder of [this.path, this.#at('checkpoints')]) {
      for (const name of readdirSync(folder)) {
        if (name.endsWith(PARTIAL)) rmSync(join(folder, name));
      }
    }
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

  /** False if the disk is full. @throws InputError if writing fails for another reason. */
  #fits(write: () => void): boolean {
    let fits = true;
    this.#writing('the weights are missing; resume the run once they can be written', () => {
      try {
        write();
      } catch (error) {
        if (!MAY_GET_ROOM.includes((error as NodeJS.ErrnoException).code ?? '')) throw error;
        fits = false;
      }
    });
    return fits;
  }

  /** For files that must be written. @throws InputError stating the consequence if they cannot be. */
  #writing(consequence: string, write: () => void): void {
    try {
      write();
    } catch (cause) {
      if (cause instanceof InputError) throw cause;
      throw new InputError(`${this.path} cannot be written, so ${consequence}: ${reason(cause)}`, { cause });
    }
  }

  /** A full disk must not end an overnight run: the old files stay, and the run continues with a message. */
  #unlessDiskFull(what: string, write: () => void): void {
    try {
      write();
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException;
      if (code === undefined || !FULL.includes(code)) throw error;
      this.#warn(
        `The disk is full (${code}). ${what} could not be written to ${this.path}; existing files are intact. ` +
          'Training continues. Free some space.',
      );
    }
  }

  #at(...parts: string[]): string {
    return join(this.path, ...parts);
  }
}

const megabytes = ({ length }: Uint8Array): string => (length / 1e6).toFixed(1);
