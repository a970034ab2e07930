import type { Gpu } from '../gpu/types';
import type { ConvolutionFamily } from '../kernels/policy';
import { policyOf, withPolicy } from '../kernels/tuned-gpu';
import { benchKernels } from './kernels';
import { benchNetwork } from './network';
import { measurePeak, prepareReference } from './peaks';
import { type Profile, profileNetwork, profileTraining } from './profile';
import type { RaceOptions } from './race';
import type { BenchName, Peak } from './results';
import type { BenchHost, BenchTask, MeasuredRow } from './task';
import { benchTraining } from './training';

/** A measurement as plain data, which is passed to pages unchanged. */
export interface BenchJob {
  readonly bench: BenchName;
  readonly widths: readonly number[];
  /** Side of the image or patch. */
  readonly size: number;
  readonly batch: number;
  readonly rounds: number;
  /** Minimum duration of a sample in milliseconds. */
  readonly sampleMs: number;
  /** Selects kernel cases whose name contains all words of one of these; all cases if empty. */
  readonly filters: readonly string[];
  /** Families of convolution kernels to exclude. */
  readonly without: readonly ConvolutionFamily[];
  /** Profiles call by call instead of comparing. */
  readonly profile: boolean;
  /** Also measures cold starts. */
  readonly cold: boolean;
  /** For tests: peaks with hardly any work. */
  readonly small: boolean;
}

export interface BenchOutcome {
  readonly peak: Peak;
  readonly rows: readonly MeasuredRow[];
  readonly profiles: readonly Profile[];
}

/** Side of the photo for timing the first enhancement from a cold start; the small one is for tests. */
const COLD_PHOTO = 512;
const SMALL_COLD_PHOTO = 64;

/** Measures the peaks, then the job. */
export async function runBench(job: BenchJob, { clock, ...given }: BenchHost): Promise<BenchOutcome> {
  const { rounds, sampleMs, without } = job;
  const openFresh = async () => leaveOut(without, await given.openFresh());
  const host = { ...given, gpu: leaveOut(without, given.gpu), openFresh };
  const race: RaceOptions = { clock, rounds, sampleMs };
  host.onNotice('peak of the adapter');
  const reference = await prepareReference(host.gpu, job.small);
  try {
    const peak = await measurePeak(host.gpu, reference, race, job.small);
    if (job.profile) return { peak, rows: [], profiles: await profiles(job, host) };
    const rows: MeasuredRow[] = [];
    const suffix = without.length > 0 ? ` (without ${without.join(', ')})` : '';
    const emit = (row: MeasuredRow) => void rows.push({ ...row, name: row.name + suffix });
    await measure(job, { ...host, race, reference, emit });
    return { peak, rows, profiles: [] };
  } finally {
    reference.destroy();
  }
}

function measure({ bench, widths, size, batch, ...job }: BenchJob, task: BenchTask): Promise<void> {
  const coldPhoto = job.small ? SMALL_COLD_PHOTO : COLD_PHOTO;
  switch (bench) {
    case 'kernels':
      return benchKernels(task, { widths, size, batch, filters: job.filters });
    case 'network':
      return benchNetwork(task, { widths, size, coldSize: job.cold ? coldPhoto : 0 });
    case 'training':
      return benchTraining(task, { widths, size, batch, cold: job.cold });
  }
}

/** The device under a policy without some families. */
function leaveOut(without: readonly ConvolutionFamily[], gpu: Gpu): Gpu {
  if (without.length === 0) return gpu;
  const policy = policyOf(gpu);
  const left = (families: readonly ConvolutionFamily[]) => families.filter((one) => !without.includes(one));
  return withPolicy(gpu, {
    ...policy,
    gather: left(policy.gather),
    weightGradient: left(policy.weightGradient),
  });
}

async function profiles(
  { bench, widths, size, batch, rounds }: BenchJob,
  { gpu, onNotice }: Pick<BenchHost, 'gpu' | 'onNotice'>,
): Promise<Profile[]> {
  const found: Profile[] = [];
  for (const width of widths) {
    onNotice(`profile, width ${width}`);
    found.push(
      bench === 'training'
        ? await profileTraining(gpu, width, { batch, size }, rounds)
        : await profileNetwork(gpu, width, size, rounds),
    );
  }
  return found;
}
