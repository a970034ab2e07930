import type { Profile, ProfileRow } from './profile';
import {
  type BenchResult,
  type ClockName,
  type Comparison,
  type NoComparison,
  type Peak,
  peakRates,
  type Row,
  speedOf,
} from './results';
import type { Spread } from './statistics';

/** The most rows in each part of a profile. */
const PROFILE_ROWS = 25;

/** Formats a result as a table. */
export function formatResult(result: BenchResult, clock: ClockName): string {
  const { peak, rows } = result;
  const head = ['', clock === 'wall' ? 'ms' : 'CPU ms', '±', 'GFLOP/s', 'of peak', 'GB/s', 'of copy'];
  const lines = rows.map((row) => {
    const time = row.ours[clock];
    const speed = speedOf(row.ours, row.work, peak, clock);
    return [
      row.name,
      ...(time ? [number(time.median), percent((time.high - time.low) / 2 / time.median)] : ['-', '-']),
      number(speed.gflops),
      percent(speed.flopShare),
      number(speed.gbps),
      percent(speed.byteShare),
    ];
  });
  return [
    ...environmentLines(result),
    peakLine(peak, clock),
    '',
    columns([head, ...lines]),
    ...rows.flatMap((row) => remarks(row, clock)),
  ].join('\n');
}

function environmentLines({ environment }: BenchResult): string[] {
  const { adapter, driver, kernels, runtime, processor, threads } = environment;
  return [`${adapter} (driver: ${driver}; kernels ${kernels}), ${runtime}, ${processor}, ${threads} threads`];
}

/** Describes the adapter's peak. */
function peakLine(peak: Peak, clock: ClockName): string {
  if (peak.isMeaningless) return 'Peak: not measured (--quick).';
  const { gflops, gbps } = peakRates(peak, clock);
  const per = clock === 'wall' ? '' : ' of processor time';
  return `Peak: ${number(gflops)} GFLOP/s in multiply-adds, ${number(gbps)} GB/s in copying${per}.`;
}

/** Lines below the table: opponents and further numbers of a row. */
function remarks(row: Row, clock: ClockName): string[] {
  const details = Object.entries(row.details ?? {}).map(
    ([name, value]) => `  ${name}: ${detail(name, value)}`,
  );
  const comparisons = row.comparisons.map((comparison) => `  ${comparisonLine(comparison, clock)}`);
  return details.length + comparisons.length === 0 ? [] : ['', row.name, ...comparisons, ...details];
}

function comparisonLine(comparison: Comparison | NoComparison, clock: ClockName): string {
  if ('problem' in comparison) return `${comparison.opponent}: ${comparison.problem}`;
  const { opponent, version, theirs, ours, difference } = comparison;
  const ratio = clock === 'wall' ? comparison.ratio : comparison.cpuRatio;
  const times = `${number(theirs[clock]?.median ?? null)} ms to ${number(ours[clock]?.median ?? null)} ms`;
  return `${opponent} ${version}: ${ratio ? ratioText(ratio) : '-'} (${times}; outputs differ by ${difference.toExponential(1)})`;
}

const ratioText = ({ median, low, high }: Spread): string =>
  `theirs / ours = ${number(median)} [${number(low)}, ${number(high)}]`;

/** Formats a profile: by kernel, by layer, and the longest calls. */
export function formatProfile(profile: Profile, peak: Peak): string {
  const part = (title: string, rows: readonly ProfileRow[]) => [
    '',
    columns([
      [title, 'calls', 'ms', 'share', 'GFLOP/s', 'of peak', 'GB/s', 'of copy'],
      ...rows.slice(0, PROFILE_ROWS).map((row) => profileLine(row, profile.ms, peak)),
    ]),
  ];
  return [
    `${profile.name}: ${number(profile.ms)} ms, calls run one by one`,
    peakLine(peak, 'wall'),
    ...part('kernel', profile.byKernel),
    ...part('layer', profile.byLayer),
    ...part('call', profile.byCall),
  ].join('\n');
}

function profileLine({ name, calls, ms, work }: ProfileRow, total: number, peak: Peak): string[] {
  const top = peakRates(peak, 'wall');
  const [gflops, gbps] = [work.flops / ms / 1e6, work.bytes / ms / 1e6];
  return [
    name,
    String(calls),
    number(ms),
    percent(ms / total),
    number(gflops),
    percent(top.gflops && gflops / top.gflops),
    number(gbps),
    percent(top.gbps && gbps / top.gbps),
  ];
}

/** First column left-aligned, the others right-aligned. */
export function columns(rows: readonly (readonly string[])[]): string {
  const widths = (rows[0] ?? []).map((_, column) => Math.max(...rows.map((row) => row[column]!.length)));
  return rows
    .map((row) =>
      row
        .map((cell, column) => (column === 0 ? cell.padEnd(widths[0]!) : cell.padStart(widths[column]!)))
        .join('  ')
        .trimEnd(),
    )
    .join('\n');
}

/** Three digits, or a dash. */
export function number(value: number | null): string {
  if (value === null || !Number.isFinite(value)) return '-';
  return Math.abs(value) >= 100 ? value.toFixed(0) : value.toPrecision(3);
}

function percent(share: number | null): string {
  return share === null || !Number.isFinite(share) ? '-' : `${(100 * share).toFixed(share < 0.1 ? 1 : 0)} %`;
}

function detail(name: string, value: number): string {
  if (name.endsWith('(bytes)')) return `${number(value / 2 ** 20)} MiB`;
  if (name.endsWith('(share)')) return percent(value);
  return number(value);
}
