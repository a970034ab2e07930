import { dirname } from 'node:path';
import { addAbortSignal } from 'node:stream';
import { AbortError, AdapterError, DeviceLostError, InputError } from '../../errors';
import { describe } from '../../gpu/device';
import type { Precision } from '../../gpu/kernel-call';
import { makeFolder } from '../../make-folder-node';
import { formatOfPath, type PhotoFormat } from '../../photo/format';
import { readBytes } from '../../photo/node/photo';
import { reason } from '../../reason';
import { mebibytes } from '../../units';
import type { Enhancer } from '../enhancer';
import { type EnhancedFile, type EnhanceFileOptions, enhanceBytes } from './enhance-file';
import { NodeEnhancer } from './enhancer';
import { type EnhanceJob, STREAM } from './jobs';
import { publish, removeStrays, TakenError } from './publish';
import { looseName, wouldBeOne } from './same-file';

/** The outcome for one input, as printed by `--json`. */
export interface FileResult {
  readonly input: string;
  readonly output?: string;
  /** Not processed: the output existed (`--skip-existing`), or this was a `--dry-run`. */
  readonly skipped?: 'exists' | 'dry run';
  readonly width?: number;
  readonly height?: number;
  readonly milliseconds?: number;
  readonly notes?: readonly string[];
  readonly error?: string;
}

/** Reports progress to the user. */
export interface Reporter {
  /** Reports a fact about the whole run, such as a software adapter. */
  announce(line: string): void;
  /**
   * Reports the number of finished photos, including fractions.
   *
   * @param name the current photo, and what it waits for.
   */
  progress(done: number, total: number, name: string): void;
  result(result: FileResult): void;
  /** Called after the last photo. */
  end(results: readonly FileResult[], facts: Readonly<Record<string, unknown>>): void;
}

export interface SessionOptions {
  readonly model: string;
  readonly tile: number | 'auto';
  readonly precision: Precision;
  readonly strength: number;
  readonly keepHue: boolean;
  readonly finish: boolean;
  readonly quality?: number;
  readonly rawPreview?: boolean;
  /** Format for standard output; files have it in their names. */
  readonly format?: PhotoFormat;
  /** Photos in memory at once: while one is on the GPU, others are decoded and encoded. */
  readonly jobs: number;
  /** What to do when a result's name is taken before it is finished, for example by another run. */
  readonly existing: 'refuse' | 'overwrite' | 'skip';
  /** Called after the first photo of several, to choose kernels for the others; must leave photos their bits. */
  readonly tune?: (enhancer: Enhancer) => Promise<unknown>;
}

/** A model on an open device, for many photos. */
export class Session {
  /** Peak device memory in bytes. */
  deviceBytes = 0;

  readonly #announced = new Set<string>();
  #isTuned = false;

  /** @param enhancer disposed of by `close`. */
  constructor(
    private readonly enhancer: Enhancer,
    private readonly options: Omit<SessionOptions, 'model' | 'tile' | 'precision'>,
    private readonly reporter: Reporter,
  ) {}

  /** Reads the weights and opens the device first, so that their errors are reported once. */
  static async open(options: SessionOptions, reporter: Reporter): Promise<Session> {
    const { model, tile, precision } = options;
    const enhancer = await NodeEnhancer.create({ model, tile, precision });
    const session = new Session(enhancer, options, reporter);
    if (enhancer.adapter.isSoftware)
      reporter.announce(`Computing in software, on the processor (${session.adapter}): this is slow.`);
    return session;
  }

  /** Description of the adapter. */
  get adapter(): string {
    return describe(this.enhancer.adapter);
  }

  /**
   * Returns one result for each job begun, in order. A failed job does not stop the others.
   *
   * @throws {AdapterError} when a device was lost and there is no other.
   */
  async enhanceAll(jobs: readonly EnhanceJob[], signal: AbortSignal): Promise<FileResult[]> {
    const denied = await prepareFolders(jobs);
    const twins = findTwins(jobs);
    const results: (FileResult | undefined)[] = [];
    const fractions: number[] = [];
    const stop = new AbortController();
    const either = AbortSignal.any([signal, stop.signal]);
    let next = 0;
    const work = async () => {
      while (next < jobs.length && !either.aborted) {
        const index = next++;
        const job = jobs[index]!;
        const report = (name: string) => {
          const done = fractions.reduce((sum, share) => sum + share, 0);
          this.reporter.progress(done, jobs.length, name);
        };
        const onProgress = (fraction: number) => {
          fractions[index] = fraction;
          report(job.input);
        };
        const onCompile = (compiled: number, total: number) =>
          report(`${job.input}, ${compiled} of ${total} kernels compiled`);
        onProgress(0);
        const twin = twins.get(job);
        const error = denied.get(dirname(job.output)) ?? (twin && sameName(job.output, twin));
        const result = error
          ? { input: job.input, error }
          : await this.#enhanceOne(job, { signal: either, onProgress, onCompile });
        fractions[index] = 1;
        results[index] = result;
        this.reporter.result(result);
        if (!result.error && next < jobs.length) await this.#tuneOnce();
      }
    };
    const workers = Array.from({ length: this.options.jobs }, () =>
      work().catch((error: unknown) => {
        stop.abort();
        throw error;
      }),
    );
    const failed = (await Promise.allSettled(workers)).find(({ status }) => status === 'rejected');
    if (failed) throw (failed as PromiseRejectedResult).reason;
    return results.filter((result) => result !== undefined);
  }

  close(): Promise<void> {
    return this.enhancer.dispose();
  }

  async #enhanceOne(
    { input, output }: EnhanceJob,
    run: Required<Pick<EnhanceFileOptions, 'signal' | 'onProgress' | 'onCompile'>>,
  ): Promise<FileResult> {
    const { strength, keepHue, finish, quality, rawPreview } = this.options;
    const options = {
      ...run,
      strength,
      keepHue,
      finish,
      ...(rawPreview && { rawPreview }),
      ...(quality !== undefined && { quality }),
    };
    const begin = performance.now();
    try {
      const attempt = () => this.#transfer(input, output, options);
      const { width, height, notes } = await attempt().catch((error: unknown) => {
        if (!(error instanceof DeviceLostError) || input === STREAM) throw error;
        this.reporter.announce(`${error.message} Trying ${input} again.`);
        return attempt();
      });
      const milliseconds = Math.round(performance.now() - begin);
      return { input, output, width, height, milliseconds, notes };
    } catch (error) {
      if (error instanceof AdapterError) throw error;
      if (error instanceof AbortError || run.signal.aborted) return { input, error: 'interrupted' };
      if (error instanceof TakenError && this.options.existing === 'skip')
        return { input, output, skipped: 'exists' };
      return { input, error: error instanceof Error ? error.message : String(error) };
    } finally {
      this.deviceBytes = Math.max(this.deviceBytes, this.enhancer.deviceBytes);
    }
  }

  async #transfer(
    input: string,
    output: string,
    options: EnhanceFileOptions & { readonly signal: AbortSignal },
  ): Promise<EnhancedFile> {
    const { format = output === STREAM ? undefined : formatOfPath(output), existing } = this.options;
    const { bytes, width, height, notes } = await enhanceBytes(
      this.enhancer,
      await readInput(input, options.signal),
      {
        ...options,
        name: input === STREAM ? 'standard input' : input,
        ...(format && { format }),
      },
    );
    if (output === STREAM) await writeToStandardOutput(bytes);
    else {
      const { reserved } = await publish(output, bytes, { replace: existing === 'overwrite' });
      if (reserved) this.#announceOnce(NO_HARD_LINKS);
    }
    return { width, height, notes };
  }

  async #tuneOnce(): Promise<void> {
    if (this.#isTuned) return;
    this.#isTuned = true;
    try {
      await this.options.tune?.(this.enhancer);
    } catch (error) {
      this.reporter.announce(`The kernels were not tuned, and photos go on without: ${reason(error)}`);
    }
  }

  #announceOnce(line: string): void {
    if (!this.#announced.has(line)) this.reporter.announce(line);
    this.#announced.add(line);
  }
}

const sameName = (output: string, twin: string): string =>
  `${output} is, on this disk, already the output of ${twin}. Enhance them into different folders.`;

const NO_HARD_LINKS =
  'The output disk does not support hard links, so each name is reserved with a small file until its result is written.';

/**
 * Creates the output folders and removes leftovers of killed runs. Returns why folders cannot be created, by path: their
 * photos fail, and others do not.
 */
async function prepareFolders(jobs: readonly EnhanceJob[]): Promise<Map<string, string>> {
  const denied = new Map<string, string>();
  const folders = new Set(
    jobs.filter(({ output }) => output !== STREAM).map(({ output }) => dirname(output)),
  );
  for (const folder of folders) {
    try {
      makeFolder(folder);
    } catch (error) {
      denied.set(
        folder,
        `the output folder ${folder} cannot be created: ${reason(error)}. Choose another with -o.`,
      );
      continue;
    }
    await removeStrays(folder);
  }
  return denied;
}

/**
 * Jobs whose result has the same name on disk as an earlier job's, since the names differ only in case; mapped to the
 * earlier input.
 */
function findTwins(jobs: readonly EnhanceJob[]): Map<EnhanceJob, string> {
  const twins = new Map<EnhanceJob, string>();
  const first = new Map<string, EnhanceJob>();
  for (const job of jobs) {
    const name = looseName(job.output);
    const before = first.get(name);
    if (!before) first.set(name, job);
    else if (wouldBeOne(before.output, job.output)) twins.set(job, before.input);
  }
  return twins;
}

async function readInput(input: string, signal: AbortSignal): Promise<Uint8Array> {
  if (input !== STREAM) return readBytes(input);
  if (process.stdin.isTTY)
    throw new InputError('Standard input is empty: pipe a photo into it, or name a file.');
  const chunks: Uint8Array[] = [];
  let length = 0;
  // The signal also ends waiting for a writer that sends nothing.
  for await (const chunk of addAbortSignal(signal, process.stdin)) {
    chunks.push(chunk as Uint8Array);
    length += (chunk as Uint8Array).length;
    if (length > MOST_STREAM_BYTES) {
      throw new InputError(
        `Standard input has more than ${mebibytes(MOST_STREAM_BYTES)}, which cannot be a photo. Name a file.`,
      );
    }
  }
  return Buffer.concat(chunks);
}

/** Guards against endless sources such as /dev/zero. */
const MOST_STREAM_BYTES = 2 ** 30;

function writeToStandardOutput(bytes: Uint8Array): Promise<void> {
  return new Promise((resolve, reject) => {
    process.stdout.write(bytes, (error) => (error ? reject(error) : resolve()));
  });
}
