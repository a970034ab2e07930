import { access, constants, mkdir } from 'node:fs/promises';
import { dirname } from 'node:path';
import { enhanceFile } from '../enhance/enhance-file-node';
import { Enhancer } from '../enhance/enhancer';
import { loadModel } from '../enhance/models-node';
import type { PhotoFormat } from '../enhance/photo-format';
import { reason } from '../enhance/reason';
import { AbortError, AdapterError, DeviceLostError, InputError } from '../errors';
import { describe } from '../gpu/device';
import { openNodeGpu } from '../gpu/node/dawn';
import { type EnhanceJob, planJobs } from './enhance-jobs';
import { type FileResult, JsonReporter, type Reporter, TextReporter } from './enhance-report';

/** Options as commander hands them over; undefined where the user said nothing. */
export interface EnhanceFlags {
  out: string;
  model: string;
  strength: number;
  format?: PhotoFormat;
  quality?: number;
  suffix: string;
  overwrite?: boolean;
  recursive?: boolean;
  json?: boolean;
}

/** What a shell expects of a command that Ctrl-C ended. */
const EXIT_INTERRUPTED = 130;

/** @returns the exit code: 0 if every photo was enhanced, 1 if one was not, 130 if interrupted. */
export async function enhance(inputs: readonly string[], flags: EnhanceFlags): Promise<number> {
  const reporter: Reporter = flags.json ? new JsonReporter() : new TextReporter();
  const { out: outputFolder, suffix, format, overwrite = false, recursive = false } = flags;
  if (/[/\\]/.test(suffix))
    throw new InputError(`--suffix is «${suffix}». It is part of a file name: leave out / and \\.`);
  const { jobs, refusals } = await planJobs(inputs, {
    outputFolder,
    recursive,
    suffix,
    overwrite,
    ...(format && { format }),
  });
  const results: FileResult[] = [...refusals];
  for (const refusal of refusals) reporter.result(refusal);
  if (jobs.length === 0) {
    reporter.end(results, { model: flags.model, strength: flags.strength });
    return 1;
  }
  const session = await Session.open(flags, reporter);
  const stop = new AbortController();
  const interrupt = () => stop.abort();
  // Once: a second Ctrl-C ends the process at once.
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, interrupt);
  try {
    await prepareFolder(outputFolder);
    await session.enhanceAll(jobs, results, stop.signal);
  } finally {
    for (const signal of ['SIGINT', 'SIGTERM'] as const) process.off(signal, interrupt);
    session.close();
  }
  const interrupted = stop.signal.aborted;
  reporter.end(results, {
    model: flags.model,
    strength: flags.strength,
    adapter: session.adapter,
    interrupted,
  });
  if (interrupted) return EXIT_INTERRUPTED;
  return results.some(({ error }) => error !== undefined) ? 1 : 0;
}

async function prepareFolder(folder: string): Promise<void> {
  try {
    await mkdir(folder, { recursive: true });
    await access(folder, constants.W_OK);
  } catch (cause) {
    throw new InputError(
      `The output folder ${folder} cannot be written: ${reason(cause)}. Choose another with -o.`,
      {
        cause,
      },
    );
  }
}

/** The model on an open device, for one photo after the other. */
class Session {
  /** The adapter in words. */
  adapter = '';
  #enhancer: Enhancer | undefined;

  private constructor(
    private readonly flags: EnhanceFlags,
    private readonly reporter: Reporter,
    private readonly weights: Uint8Array,
  ) {}

  /** Reads the weights and opens the device, so that what is wrong with them is said once. */
  static async open(flags: EnhanceFlags, reporter: Reporter): Promise<Session> {
    const session = new Session(flags, reporter, await loadModel(flags.model));
    await session.#open();
    return session;
  }

  /** Adds a result for each job; one that fails does not stop the others. */
  async enhanceAll(jobs: readonly EnhanceJob[], results: FileResult[], signal: AbortSignal): Promise<void> {
    for (const [index, job] of jobs.entries()) {
      this.reporter.begin(job.input, index, jobs.length);
      const result = await this.#enhanceOne(job, signal);
      results.push(result);
      this.reporter.result(result);
      if (signal.aborted) return;
    }
  }

  close(): void {
    this.#enhancer?.dispose();
    this.#enhancer = undefined;
  }

  async #enhanceOne({ input, output }: EnhanceJob, signal: AbortSignal): Promise<FileResult> {
    const { strength, quality } = this.flags;
    const begin = performance.now();
    try {
      const enhancer = this.#enhancer ?? (await this.#open());
      await mkdir(dirname(output), { recursive: true });
      const onProgress = (fraction: number) => this.reporter.progress(fraction);
      const options = { strength, signal, onProgress, ...(quality !== undefined && { quality }) };
      const done = await enhanceFile(enhancer, input, output, options);
      return { input, output, milliseconds: Math.round(performance.now() - begin), ...done };
    } catch (error) {
      // The next photo gets a new device.
      if (error instanceof DeviceLostError) this.close();
      if (error instanceof AdapterError) throw error;
      return {
        input,
        error:
          error instanceof AbortError
            ? 'interrupted'
            : error instanceof Error
              ? error.message
              : String(error),
      };
    }
  }

  async #open(): Promise<Enhancer> {
    const gpu = await openNodeGpu();
    const { weights, flags } = this;
    try {
      this.#enhancer = await Enhancer.create({ gpu, model: weights, modelName: flags.model });
    } catch (error) {
      gpu.destroy();
      throw error;
    }
    const isFirst = this.adapter === '';
    this.adapter = describe(gpu.traits);
    if (isFirst && gpu.traits.isSoftware) {
      this.reporter.announce(`Computing in software, on the processor (${this.adapter}): this is slow.`);
    }
    return this.#enhancer;
  }
}
