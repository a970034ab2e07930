import type { BenchResult, Row, Timing } from '../../src/bench/results';

/** A timing whose samples all took this long, by wall-clock and processor time. */
export function timing(ms: number, cpuMs: number | null = ms): Timing {
  const spread = (value: number) => ({ median: value, low: value, high: value });
  return { wall: spread(ms), cpu: cpuMs === null ? null : spread(cpuMs), rounds: 5 };
}

export function row(name: string, ms: number, more: Partial<Row> = {}): Row {
  const work = { flops: 1e9, bytes: 1e6 };
  return {
    name,
    ours: timing(ms),
    reference: timing(10),
    work,
    comparisons: [],
    commit: '0123456789',
    date: '2026-01-01T00:00:00Z',
    ...more,
  };
}

/** A result of a software adapter. */
export function result(rows: readonly Row[]): BenchResult {
  return {
    format: 2,
    bench: 'kernels',
    environment: {
      adapter: 'llvmpipe: Mesa 25.0.7 (LLVM 15.0.6)',
      software: true,
      driver: 'lavapipe',
      runtime: 'Node v20.0.0',
      kernels: 'as shipped',
      processor: 'Some CPU',
      threads: 2,
      platform: 'linux x64',
    },
    peak: {
      multiplyAdd: { timing: timing(10), flops: 1e9 },
      copy: { timing: timing(10), bytes: 1e8 },
    },
    rows,
  };
}
