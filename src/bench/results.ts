import type { Sample } from './race';
import { pairedRatio, type Spread, spread } from './statistics';

export type BenchName = 'kernels' | 'network' | 'training';

/** The environment of a measurement. */
export interface Environment {
  readonly adapter: string;
  readonly software: boolean;
  /** Dawn's Vulkan driver, or how the browser was told to compute. */
  readonly driver: string;
  /** `Node v20.1.0` or `Chrome/143.0.0.0`. */
  readonly runtime: string;
  /** Whether kernels were chosen by the built-in policy or as tuned by `glocal bench tune`. */
  readonly kernels: 'as shipped' | 'tuned';
  readonly processor: string;
  readonly threads: number;
  readonly platform: string;
}

/** Milliseconds per run. */
export interface Timing {
  readonly wall: Spread;
  /** Processor time of all threads; null if unknown. */
  readonly cpu: Spread | null;
  readonly rounds: number;
}

/** The adapter's peak, measured with two small kernels. */
export interface Peak {
  readonly multiplyAdd: { readonly timing: Timing; readonly flops: number };
  readonly copy: { readonly timing: Timing; readonly bytes: number };
  /** From a run with hardly any work (`--quick`): its ratios are meaningless and are left out. */
  readonly isMeaningless?: boolean;
}

/** The minimal work of an operation, however it is done. */
export interface Work {
  readonly flops: number;
  readonly bytes: number;
}

/** An opponent at the same work, interleaved with ours. */
export interface Comparison {
  readonly opponent: string;
  readonly version: string;
  readonly theirs: Timing;
  /** Our samples from the same rounds. */
  readonly ours: Timing;
  /** Theirs over ours, pair by pair; above 1 ours is faster. */
  readonly ratio: Spread;
  readonly cpuRatio: Spread | null;
  /** Largest difference of the outputs relative to the largest value, and its limit. */
  readonly difference: number;
  readonly tolerance: number;
}

/** Why there is no comparison: not supported, or different outputs. */
export interface NoComparison {
  readonly opponent: string;
  readonly problem: string;
}

export interface Row {
  /** Identifies the measurement, including sizes; comparisons match by it. */
  readonly name: string;
  readonly ours: Timing;
  /** A fixed amount of multiply-adds, interleaved with ours: the machine's speed at the time. */
  readonly reference: Timing;
  readonly work: Work | null;
  /** Names of the kernels, in order. */
  readonly kernels?: readonly string[];
  readonly comparisons: readonly (Comparison | NoComparison)[];
  /** Further numbers by name, which includes the unit: `first run from cold (s)`. */
  readonly details?: Readonly<Record<string, number>>;
  readonly commit: string | null;
  /** ISO 8601. */
  readonly date: string;
}

/** The file format that a bench writes and `compare` reads. */
export interface BenchResult {
  readonly format: 2;
  readonly bench: BenchName;
  readonly environment: Environment;
  readonly peak: Peak;
  readonly rows: readonly Row[];
}

/** The kind of time shown in a table. */
export type ClockName = 'wall' | 'cpu';

export function timingOf(samples: readonly Sample[]): Timing {
  const cpu = samples.flatMap((sample) => (sample.cpu === null ? [] : [sample.cpu]));
  return {
    wall: spread(samples.map(({ wall }) => wall)),
    cpu: cpu.length === samples.length ? spread(cpu) : null,
    rounds: samples.length,
  };
}

/** Ratio of their time to ours by one of the clocks; null if it is unknown. */
export function ratioOf(theirs: readonly Sample[], ours: readonly Sample[], clock: ClockName): Spread | null {
  const times = (samples: readonly Sample[]) =>
    samples.flatMap((sample) => (sample[clock] === null ? [] : [sample[clock]]));
  const [a, b] = [times(theirs), times(ours)];
  return a.length === theirs.length && b.length === ours.length ? pairedRatio(a, b) : null;
}

/** Work per second, and its share of the peak. Null if unknown. */
export interface Speed {
  readonly gflops: number | null;
  readonly gbps: number | null;
  readonly flopShare: number | null;
  readonly byteShare: number | null;
}

export function speedOf(timing: Timing, work: Work | null, peak: Peak, clock: ClockName): Speed {
  const ms = timing[clock]?.median;
  const rate = (amount: number | undefined) => (amount && ms ? amount / ms / 1e6 : null);
  const [gflops, gbps] = [rate(work?.flops), rate(work?.bytes)];
  const top = peakRates(peak, clock);
  return {
    gflops,
    gbps,
    flopShare: gflops !== null && top.gflops !== null ? gflops / top.gflops : null,
    byteShare: gbps !== null && top.gbps !== null ? gbps / top.gbps : null,
  };
}

export function peakRates(peak: Peak, clock: ClockName): { gflops: number | null; gbps: number | null } {
  if (peak.isMeaningless) return { gflops: null, gbps: null };
  const [compute, copy] = [peak.multiplyAdd.timing[clock], peak.copy.timing[clock]];
  return {
    // Uses the fastest rounds: a peak is what the adapter can do, not what it does on average.
    gflops: compute && peak.multiplyAdd.flops / compute.low / 1e6,
    gbps: copy && peak.copy.bytes / copy.low / 1e6,
  };
}
