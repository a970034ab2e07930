import { commitOf, findClone } from '../../bench/node/environment';
import { keepResult, write } from '../../bench/node/result-files';
import type { OpponentName } from '../../bench/opponent';
import { benchPage } from '../../bench/report';
import type { BenchName, BenchResult, ClockName } from '../../bench/results';
import type { BenchJob } from '../../bench/run';
import { formatProfile, formatResult } from '../../bench/table';
import { InputError } from '../../errors';
import type { ConvolutionFamily } from '../../kernels/policy';
import { SIZE_MULTIPLE } from '../../model/config';

/** Options from commander. */
export interface BenchFlags {
  readonly bench: BenchName;
  readonly width: readonly number[];
  readonly size: number;
  readonly batch: number;
  readonly rounds: number;
  readonly sample: number;
  readonly clock: ClockName;
  readonly runtime: 'node' | 'chrome';
  readonly filter?: readonly string[];
  readonly without?: readonly ConvolutionFamily[];
  readonly profile?: boolean;
  readonly cold?: boolean;
  readonly against?: readonly OpponentName[];
  readonly out?: string;
  readonly report?: string;
  readonly quick?: boolean;
  readonly json?: boolean;
}

/** Measures, prints, and writes the requested files. */
export async function runBenchCommand(flags: BenchFlags): Promise<void> {
  const job = jobOf(flags);
  const onNotice = (message: string) => process.stderr.write(`${message}\n`);
  // A browser is started, or Dawn loaded, only if needed.
  const harness =
    flags.runtime === 'chrome'
      ? (await import('../../bench/node/chrome-harness')).benchInChrome
      : (await import('../../bench/node/node-harness')).benchInNode;
  const { environment, peak, rows, profiles } = await harness(job, flags.against ?? [], onNotice);
  const stamp = { commit: await commitOf(findClone()), date: new Date().toISOString() };
  const result: BenchResult = {
    format: 2,
    bench: flags.bench,
    environment,
    peak,
    rows: rows.map((row) => ({ ...row, ...stamp })),
  };
  const { out, report, clock } = flags;
  if (out !== undefined && !job.profile) onNotice(`Kept in ${keepResult(result, out)}`);
  if (report !== undefined) write(report, benchPage(result, profiles, clock));
  if (flags.json) {
    process.stdout.write(`${JSON.stringify(job.profile ? { ...result, profiles } : result, null, 2)}\n`);
    return;
  }
  const texts = job.profile
    ? profiles.map((profile) => formatProfile(profile, peak))
    : [formatResult(result, clock)];
  process.stdout.write(`${texts.join('\n\n')}\n`);
}

/** @throws {InputError} for sizes that the network or the loss does not support. */
function jobOf(flags: BenchFlags): BenchJob {
  const { bench, width, size, batch, rounds, sample } = flags;
  if (size % SIZE_MULTIPLE !== 0) {
    throw new InputError(
      `--size is ${size}, but the network halves images four times: give a multiple of ${SIZE_MULTIPLE}.`,
    );
  }
  if (bench === 'training' && batch < 2) {
    throw new InputError(
      '--batch is 1, which leaves batch norm without statistics at the deepest layer: give 2 or more.',
    );
  }
  const quick = flags.quick ?? false;
  return {
    bench,
    widths: width,
    size,
    batch,
    rounds: quick ? 1 : rounds,
    sampleMs: quick ? 0 : sample,
    filters: flags.filter ?? [],
    without: flags.without ?? [],
    profile: flags.profile ?? false,
    cold: bench !== 'kernels' && !flags.profile && (flags.cold ?? true),
    small: quick,
  };
}
