import { InputError } from '../../errors';
import { type Checkpoint, decodeCheckpoint } from '../../train/checkpoint';
import { type RunConfig, readRunConfig } from '../../train/config';
import { formatLine, keepThrough, type LogLine, parseLog } from '../../train/log';
import type { KeptRun } from './protocol';

/** Number of checkpoints kept. */
const KEPT = 3;

const CHECKPOINT = /^step-(\d+)\.safetensors$/;

/**
 * One training run in the origin's private file system: `config.json`, `log.jsonl`, `scenes/`, `step-N.safetensors`,
 * `best.safetensors`, `weights.safetensors`. Closing a file replaces the old one atomically, so each is whole or
 * absent. For workers only: the log is written through a synchronous handle.
 */
export class RunStore {
  readonly #folder: FileSystemDirectoryHandle;
  #log: FileSystemSyncAccessHandle | undefined;

  private constructor(folder: FileSystemDirectoryHandle) {
    this.#folder = folder;
  }

  /** @throws InputError if the browser stores no files, as in some private windows. */
  static async open(): Promise<RunStore> {
    try {
      const root = await navigator.storage.getDirectory();
      return new RunStore(await root.getDirectoryHandle('training', { create: true }));
    } catch (cause) {
      throw new InputError(
        'This browser keeps no files for pages (a private window?); training needs them.',
        {
          cause,
        },
      );
    }
  }

  /**
   * Replaces the stored run with a new one. Scenes are copied, so that they survive a reload. If they do not all fit,
   * none remain.
   */
  async begin(config: RunConfig, scenes: readonly File[]): Promise<void> {
    await this.discard();
    try {
      const folder = await this.#folder.getDirectoryHandle('scenes', { create: true });
      for (const scene of scenes) await write(folder, scene.name, scene);
      await write(this.#folder, 'config.json', JSON.stringify(config));
    } catch (error) {
      await this.discard();
      throw error;
    }
  }

  async discard(): Promise<void> {
    this.close();
    for await (const name of this.#folder.keys()) await this.#folder.removeEntry(name, { recursive: true });
  }

  /** The stored run; null if there is none. */
  async look(): Promise<KeptRun | null> {
    const config = await this.config();
    if (!config) return null;
    const step = (await this.#steps())[0] ?? 0;
    const log = keepThrough((await this.#text('log.jsonl')) ?? '', step);
    const hasWeights = Boolean(await this.weights());
    return { config, step, lines: parseLog(log), hasWeights };
  }

  async config(): Promise<RunConfig | undefined> {
    const text = await this.#text('config.json');
    return text === undefined ? undefined : readRunConfig(JSON.parse(text) as RunConfig);
  }

  async scenes(): Promise<File[]> {
    const folder = await this.#folder.getDirectoryHandle('scenes', { create: true });
    const files: File[] = [];
    for await (const entry of folder.values())
      if (entry.kind === 'file') files.push(await (entry as FileSystemFileHandle).getFile());
    return files;
  }

  /**
   * Loads the newest checkpoint, and opens the log, dropping lines beyond it.
   *
   * @throws InputError while another tab runs it.
   */
  async resume(): Promise<Checkpoint | undefined> {
    const [step] = await this.#steps();
    const text = keepThrough((await this.#text('log.jsonl')) ?? '', step ?? 0);
    this.#log = await this.#openLog();
    this.#log.truncate(0);
    this.#append(text);
    if (step === undefined) return undefined;
    const name = `step-${step}.safetensors`;
    return decodeCheckpoint(await bytesOf(await this.#file(name)), name);
  }

  /** Valid between `resume` and `close`. */
  async log(line: LogLine): Promise<void> {
    this.#append(formatLine(line));
  }

  async checkpoint(step: number, bytes: Uint8Array<ArrayBuffer>): Promise<void> {
    await write(this.#folder, `step-${step}.safetensors`, bytes);
    for (const old of (await this.#steps()).slice(KEPT))
      await this.#folder.removeEntry(`step-${old}.safetensors`);
  }

  best = (bytes: Uint8Array<ArrayBuffer>): Promise<void> => write(this.#folder, 'best.safetensors', bytes);

  final = (bytes: Uint8Array<ArrayBuffer>): Promise<void> =>
    write(this.#folder, 'weights.safetensors', bytes);

  /** The weights of the finished run, or the best so far. */
  async weights(): Promise<File | undefined> {
    return (await this.#file('weights.safetensors')) ?? (await this.#file('best.safetensors'));
  }

  /** Releases the log, so that another tab or the next run can write to it. */
  close(): void {
    this.#log?.close();
    this.#log = undefined;
  }

  /** Steps with checkpoints, newest first. */
  async #steps(): Promise<number[]> {
    const steps: number[] = [];
    for await (const name of this.#folder.keys()) {
      const step = CHECKPOINT.exec(name)?.[1];
      if (step !== undefined) steps.push(Number(step));
    }
    return steps.sort((a, b) => b - a);
  }

  async #openLog(): Promise<FileSystemSyncAccessHandle> {
    const handle = await this.#folder.getFileHandle('log.jsonl', { create: true });
    try {
      return await handle.createSyncAccessHandle();
    } catch (cause) {
      throw new InputError('This run goes on in another tab. Close that one, or watch it there.', { cause });
    }
  }

  #append(text: string): void {
    if (!this.#log) throw new Error('The log is not open.');
    this.#log.write(new TextEncoder().encode(text), { at: this.#log.getSize() });
    this.#log.flush();
  }

  async #text(name: string): Promise<string | undefined> {
    return (await this.#file(name))?.text();
  }

  async #file(name: string): Promise<File | undefined> {
    try {
      return await (await this.#folder.getFileHandle(name)).getFile();
    } catch (error) {
      if (error instanceof DOMException && error.name === 'NotFoundError') return undefined;
      throw error;
    }
  }
}

async function bytesOf(file: File | undefined): Promise<Uint8Array> {
  return new Uint8Array((await file?.arrayBuffer()) ?? new ArrayBuffer(0));
}

async function write(
  folder: FileSystemDirectoryHandle,
  name: string,
  content: FileSystemWriteChunkType,
): Promise<void> {
  const handle = await folder.getFileHandle(name, { create: true });
  const stream = await handle.createWritable();
  try {
    await stream.write(content);
    await stream.close();
  } catch (error) {
    // The old file stays, and the space of the new part is freed.
    await stream.abort().catch(() => {});
    throw error;
  }
}
