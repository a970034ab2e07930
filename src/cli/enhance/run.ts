import { access, constants } from 'node:fs/promises';
import { dirname } from 'node:path';
import { type FileResult, type Reporter, Session } from '../../enhance/node/batch';
import {
  type EnhanceJob,
  type JobOptions,
  type JobPlan,
  planJobs,
  type Shard,
  STREAM,
} from '../../enhance/node/jobs';
import { InputError } from '../../errors';
import type { Precision } from '../../gpu/kernel-call';
import { makeFolder } from '../../make-folder-node';
import type { PhotoFormat } from '../../photo/format';
import { reason } from '../../reason';
import { expandPatterns } from './patterns';
import { JsonReporter, TextReporter } from './report';
import { type Target, targetOf } from './target';

/** Options from commander; undefined if not given. */
export interface EnhanceFlags {
  out?: string;
  model: string;
  strength: number;
  keepHue?: boolean;
  finish?: boolean;
  tile: number | 'auto';
  precision: Precision;
  format?: PhotoFormat;
  quality?: number;
  suffix?: string;
  overwrite?: boolean;
  skipExisting?: boolean;
  recursive?: boolean;
  rawPreview?: boolean;
  shard?: Shard;
  jobs: number;
  dryRun?: boolean;
  json?: boolean;
  quiet?: boolean;
  verbose?: boolean;
}

/** Exit code of a command ended by Ctrl-C. */
const EXIT_INTERRUPTED = 130;

/** @returns the exit code: 0 if every photo was enhanced, 1 if one was not, 130 if interrupted. */
export async function enhance(given: readonly string[], flags: EnhanceFlags): Promise<number> {
  const inputs = await expandPatterns(given);
  const target = targetOf(inputs, flags);
  const reporter = reporterFor(target, flags);
  const { jobs, refusals, skipped, passedOver } = await plan(inputs, target, flags);
  if (passedOver.size > 0) reporter.announce(describePassedOver(passedOver));
  const results: FileResult[] = [
    ...refusals,
    ...skipped.map((job) => ({ ...job, skipped: 'exists' as const })),
  ];
  if (flags.dryRun) results.push(...jobs.map((job) => ({ ...job, skipped: 'dry run' as const })));
  for (const result of results) reporter.result(result);
  let facts: Facts = { interrupted: false };
  if (jobs.length > 0 && !flags.dryRun) facts = await work(jobs, target, flags, reporter, results);
  const { model, strength, keepHue = false, finish = false } = flags;
  reporter.end(results, { model, strength, keepHue, finish, ...facts });
  if (facts.interrupted) return EXIT_INTERRUPTED;
  return results.some(({ error }) => error !== undefined) ? 1 : 0;
}

/** If results go to standard output, the report does not. */
function reporterFor(target: Target, { json, quiet, verbose }: EnhanceFlags): Reporter {
  if (json) return new JsonReporter();
  const detail = quiet ? 'quiet' : verbose ? 'verbose' : 'plain';
  return 'stream' in target
    ? new TextReporter(detail, { out: process.stderr, err: process.stderr })
    : new TextReporter(detail);
}

async function plan(inputs: readonly string[], target: Target, flags: EnhanceFlags): Promise<JobPlan> {
  const { suffix, format, recursive = false, rawPreview = false, shard } = flags;
  const [first = ''] = inputs;
  if ('stream' in target)
    return { jobs: [{ input: first, output: STREAM }], refusals: [], skipped: [], passedOver: new Map() };
  return planJobs(inputs, {
    output: target,
    recursive,
    rawPreview,
    ...(suffix !== undefined && { suffix }),
    existing: existingOf(flags),
    ...(format && { format }),
    ...(shard && { shard }),
  });
}

/**
 * Raw files often lie beside their JPEGs, so skipping them is no failure; but a folder of HEIC files must not look
 * finished.
 */
function describePassedOver(counts: ReadonlyMap<string, number>): string {
  const kinds = [...counts].map(([extension, count]) => `${count} ${extension}`);
  return `Skipped in folders: ${kinds.join(', ')}. Name such a file to see what can be done about it.`;
}

const existingOf = ({ overwrite, skipExisting }: EnhanceFlags): JobOptions['existing'] =>
  overwrite ? 'overwrite' : skipExisting ? 'skip' : 'refuse';

/** Facts about the whole run, printed by `--json`. */
interface Facts extends Readonly<Record<string, unknown>> {
  readonly interrupted: boolean;
}

async function work(
  jobs: readonly EnhanceJob[],
  target: Target,
  flags: EnhanceFlags,
  reporter: Reporter,
  results: FileResult[],
): Promise<Facts> {
  const session = await Session.open(
    {
      ...flags,
      keepHue: flags.keepHue ?? false,
      finish: flags.finish ?? false,
      rawPreview: flags.rawPreview ?? false,
      existing: existingOf(flags),
      tune: async (enhancer) => {
        // Loaded only for several photos.
        const { tunePhotos } = await import('../../bench/node/tune-photos');
        return tunePhotos(enhancer, { wall: () => performance.now() });
      },
    },
    reporter,
  );
  const stop = new AbortController();
  const interrupt = () => stop.abort();
  // Only once: a second Ctrl-C ends the process immediately.
  for (const signal of SIGNALS) process.once(signal, interrupt);
  try {
    if ('folder' in target) await prepareFolder(target.folder);
    if ('file' in target) await prepareFolder(dirname(target.file));
    results.push(...(await session.enhanceAll(jobs, stop.signal)));
  } finally {
    for (const signal of SIGNALS) process.off(signal, interrupt);
    await session.close();
  }
  return {
    interrupted: stop.signal.aborted,
    adapter: session.adapter,
    // Peak memory, on the device and in this process.
    deviceBytes: session.deviceBytes,
    processBytes: 1024 * process.resourceUsage().maxRSS,
  };
}

const SIGNALS = ['SIGINT', 'SIGTERM'] as const;

async function prepareFolder(folder: string): Promise<void> {
  try {
    makeFolder(folder);
    await access(folder, constants.W_OK);
  } catch (cause) {
    throw new InputError(
      `The output folder ${folder} cannot be written: ${reason(cause)}. Choose another with -o.`,
      { cause },
    );
  }
}
