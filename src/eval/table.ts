import type { MethodResults } from './compare';
import { METRICS, type Metric, type MetricName } from './metrics/measure';
import { bootstrapMean, type Interval, summarise } from './statistics';

/** The results of one test picture. */
export interface PictureResults {
  readonly name: string;
  /** The scene or photo that it shows. Pictures of one scene are similar, so intervals are over scenes. */
  readonly source: string;
  readonly methods: MethodResults;
}

export interface Method {
  readonly name: string;
  readonly title: string;
  /** A model without a global encoder (Kinoshita and Kiya 2019, figure 5). */
  readonly withoutGlobal?: boolean;
  /** The target: the best a network can reach, not a method to be ranked. */
  readonly isCeiling?: boolean;
}

export interface Cell {
  readonly method: string;
  /** Number of pictures with a value. */
  readonly count: number;
  /** Null if there are none. */
  readonly mean: number | null;
  /** Standard deviation across pictures (n - 1). */
  readonly deviation: number | null;
  /** Method minus ours, over the pictures that have both, with its 95 % bootstrap interval over the sources. */
  readonly difference: Interval | null;
  /** The reasons for missing values, with their counts. */
  readonly missing: Readonly<Record<string, number>>;
}

export interface Row {
  readonly metric: MetricName;
  readonly title: string;
  readonly better: Metric['better'];
  readonly note?: string;
  readonly cells: readonly Cell[];
  /** The method with the best mean; null if there is none. */
  readonly best: string | null;
}

export interface Table {
  readonly methods: readonly Method[];
  /** The method that the others are compared with. */
  readonly ours: string;
  readonly rows: readonly Row[];
}

/** Methods in columns, metrics in rows, as in table 1 of Kinoshita and Kiya (2019). The seed is for the bootstrap. */
export function buildTable(
  pictures: readonly PictureResults[],
  methods: readonly Method[],
  metrics: readonly MetricName[],
  { ours, seed }: { readonly ours: string; readonly seed: number },
): Table {
  const rows = metrics.map((metric): Row => {
    const { title, better, note }: Metric = METRICS[metric];
    const cells = methods.map(({ name }) => cellOf(pictures, name, metric, ours, seed));
    const ranked = cells.filter((_, k) => !methods[k]?.isCeiling);
    return {
      metric,
      title,
      better,
      ...(note !== undefined && { note }),
      cells,
      best: bestOf(ranked, better),
    };
  });
  return { methods, ours, rows };
}

function cellOf(
  pictures: readonly PictureResults[],
  method: string,
  metric: MetricName,
  ours: string,
  seed: number,
): Cell {
  const values: number[] = [];
  const differences = new Map<string, number[]>();
  const missing: Record<string, number> = {};
  for (const { source, methods } of pictures) {
    const own = methods[method]?.[metric];
    if (!own || 'reason' in own) {
      const reason = own?.reason ?? 'not measured';
      missing[reason] = (missing[reason] ?? 0) + 1;
      continue;
    }
    values.push(own.value);
    const reference = methods[ours]?.[metric];
    if (!reference || 'reason' in reference) continue;
    differences.set(source, [...(differences.get(source) ?? []), own.value - reference.value]);
  }
  const summary = summarise(values);
  return {
    method,
    count: values.length,
    mean: summary?.mean ?? null,
    deviation: summary?.deviation ?? null,
    difference: method === ours ? null : bootstrapMean([...differences.values()], seed),
    missing,
  };
}

function bestOf(cells: readonly Cell[], better: Metric['better']): string | null {
  const sign = better === 'larger' ? 1 : -1;
  let best: Cell | null = null;
  for (const cell of cells) {
    if (cell.mean === null) continue;
    if (best === null || sign * cell.mean > sign * (best.mean as number)) best = cell;
  }
  return best?.method ?? null;
}

/** The table as text: means and deviations, then the differences to ours. */
export function formatTable({ methods, ours, rows }: Table): string {
  const firstWidth = Math.max(...rows.map(({ title }) => title.length), 'difference to ours'.length);
  const block = (first: string, write: (cell: Cell, row: Row) => string): string[] => {
    const lines = rows.map((row) => row.cells.map((cell) => write(cell, row)));
    const widths = methods.map(({ title }, k) =>
      Math.max(title.length, ...lines.map((line) => line[k]?.length ?? 0)),
    );
    const join = (head: string, fields: readonly string[]) =>
      [head.padEnd(firstWidth), ...fields.map((field, k) => field.padStart(widths[k] as number))].join('  ');
    return [
      join(
        first,
        methods.map(({ title }) => title),
      ),
      ...rows.map((row, i) => join(row.title, lines[i] ?? [])),
    ];
  };
  const means = block('mean ± sd', (cell, { best }) => {
    if (cell.mean === null) return '-';
    return `${cell.method === best ? '*' : ''}${number(cell.mean)} ± ${number(cell.deviation ?? 0)}`;
  });
  const differences = block('difference to ours', ({ method, difference }) => {
    if (method === ours || !difference) return '-';
    return `${signed(difference.mean)} [${signed(difference.low)}, ${signed(difference.high)}]`;
  });
  return [
    ...means,
    '',
    ...differences,
    '',
    '* best mean; in brackets the 95 % bootstrap interval over the scenes',
    ...remarks(rows),
  ].join('\n');
}

/** Notes of the metrics, and reasons for empty cells. */
export function remarks(rows: readonly Row[]): string[] {
  return rows.flatMap(({ title, note, cells }) => {
    const reasons = new Map<string, number>();
    for (const { missing } of cells) {
      for (const [reason, count] of Object.entries(missing))
        reasons.set(reason, (reasons.get(reason) ?? 0) + count);
    }
    const blanks = [...reasons].map(([reason, count]) => `${title}: ${count} without a value: ${reason}`);
    const hasValues = cells.some(({ mean }) => mean !== null);
    return note !== undefined && hasValues ? [...blanks, note] : blanks;
  });
}

function number(value: number): string {
  return Math.abs(value) >= 100
    ? value.toFixed(1)
    : Math.abs(value) >= 10
      ? value.toFixed(2)
      : value.toFixed(3);
}

function signed(value: number): string {
  return `${value >= 0 ? '+' : ''}${number(value)}`;
}
