import type { Sample } from './race';
import { pairedRatio, type Spread, spread } from './statistics';

export type BenchName = 'kernels' | 'network' | 'training';

/** Where a measurement was made. */
export interface Environment {
  readonly adapter: string;
  readonly software: boolean;
  /** Vulkan driver of Dawn, or how the browser was told to compute. */
  readonly driver: string;
  /** `Node v20.1.0` or `Chrome/143.0.0.0`. */
  readonly runtime: string;
  /** Whether kernels were chosen as this package does, or as `glocal bench tune` found here. */
  readonly kernels: 'as shipped' | 'tuned';
  readonly processor: string;
  readonly threads: number;
  readonly platform: string;
}

/** Time of one run in milliseconds. */
export interface Timing {
  readonly wall: Spread;
  /** Processor time of all threads; null where it cannot be had. */
  readonly cpu: Spread | null;
  readonly rounds: number;
}

/** What the adapter can do at best, as two small kernels found it. */
export interface Peak {
  readonly multiplyAdd: { readonly timing: Timing; readonly flops: number };
  readonly copy: { readonly timing: Timing; readonly bytes: number };
}

/** What the operation must do at least, however it is done. */
export interface Work {
  readonly flops: number;
  readonly bytes: number;
}

/** An opponent at the same work, in turn with ours. */
export interface Comparison {
  readonly opponent: string;
  readonly version: string;
  readonly theirs: Timing;
  /** Our samples of the same rounds. */
  readonly ours: Timing;
  /** Theirs over ours, pair by pair: above 1 ours is quicker. */
  readonly ratio: Spread;
  readonly cpuRatio: Spread | null;
  /** Largest difference of the outputs over the largest value, and what was allowed. */
  readonly difference: number;
  readonly tolerance: number;
}

/** Why there is no comparison: it cannot do this, or its outputs differ. */
export interface NoComparison {
  readonly opponent: string;
  readonly problem: string;
}

export interface Row {
  /** Tells what was measured, sizes included; comparisons go by it. */
  readonly name: string;
  readonly ours: Timing;
  /** A fixed amount of multiply-adds, timed in turn with ours: how quick the machine was just then. */
  readonly reference: Timing;
  readonly work: Work | null;
  /** Names of the kernels that ran, in order. */
  readonly kernels?: readonly string[];
  readonly comparisons: readonly (Comparison | NoComparison)[];
  /** Further numbers by name, with the unit in the name: `first run from cold (s)`. */
  readonly details?: Readonly<Record<string, number>>;
  readonly commit: string | null;
  /** ISO 8601. */
  readonly date: string;
}

/** What a bench writes and `compare` reads. */
export interface BenchResult {
  readonly format: 2;
  readonly bench: BenchName;
  readonly environment: Environment;
  readonly peak: Peak;
  readonly rows: readonly Row[];
}

/** Which time a table goes by. */
export type ClockName = 'wall' | 'cpu';

export function timingOf(samples: readonly Sample[]): Timing {
  const cpu = samples.flatMap((sample) => (sample.cpu === null ? [] : [sample.cpu]));
  return {
    wall: spread(samples.map(({ wall }) => wall)),
    cpu: cpu.length === samples.length ? spread(cpu) : null,
    rounds: samples.length,
  };
}

/** Ratio of theirs to ours by one of the clocks; null where it did not run. */
export function ratioOf(theirs: readonly Sample[], ours: readonly Sample[], clock: ClockName): Spread | null {
  const times = (samples: readonly Sample[]) =>
    samples.flatMap((sample) => (sample[clock] === null ? [] : [sample[clock]]));
  const [a, b] = [times(theirs), times(ours)];
  return a.length === theirs.length && b.length === ours.length ? pairedRatio(a, b) : null;
}

/** Work done in a second, and its share of the peak. Null where there is nothing to tell. */
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
  const [compute, copy] = [peak.multiplyAdd.timing[clock], peak.copy.timing[clock]];
  return {
    // The quickest of the rounds: a peak is what the adapter can do, not what it does on average.
    gflops: compute && peak.multiplyAdd.flops / compute.low / 1e6,
    gbps: copy && peak.copy.bytes / copy.low / 1e6,
  };
}
