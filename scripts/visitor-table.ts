/**
 * Prints the table "Figures from visitors" of docs/performance.md from `bench/results/visitors/*.json`, files that
 * `bench.html` gave: `node scripts/run.mjs scripts/visitor-table.ts`
 */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseResults } from '../src/bench/result-file';
import { type BenchName, type BenchResult, peakRates, type Row, speedOf } from '../src/bench/results';

const folder = fileURLToPath(new URL('../bench/results/visitors', import.meta.url));
const files = existsSync(folder) ? readdirSync(folder).filter((name) => name.endsWith('.json')) : [];

/** The row of a bench whose name has this prefix, with its bench. */
function find(results: readonly BenchResult[], bench: BenchName, name: string) {
  const result = results.find((each) => each.bench === bench);
  const row = result?.rows.find((each) => each.name.startsWith(name));
  return result && row ? { result, row } : undefined;
}

const round = (value: number): string => value.toPrecision(3);
const share = ({ result, row }: { result: BenchResult; row: Row }): string => {
  const { flopShare } = speedOf(row.ours, row.work, result.peak, 'wall');
  return flopShare === null ? '' : `${Math.round(100 * flopShare)} %`;
};

console.log(
  '| adapter | browser | best, GFLOP/s | `nano` forward, ms a megapixel | of the best | step, ms | of the best |',
);
console.log('| --- | --- | --- | --- | --- | --- | --- |');
for (const file of files.sort()) {
  const results = parseResults(readFileSync(join(folder, file), 'utf8'), file);
  const { environment, peak } = results[0]!;
  const forward = find(results, 'network', 'forward, width 8 at');
  const side = Number(/ at (\d+)x/.exec(forward?.row.name ?? '')?.[1]);
  const step = find(results, 'training', 'training step, width 8');
  const cells = [
    environment.adapter,
    environment.runtime,
    round(peakRates(peak, 'wall').gflops ?? Number.NaN),
    forward ? round(forward.row.ours.wall.median / (side ** 2 / 1e6)) : '',
    forward ? share(forward) : '',
    step ? round(step.row.ours.wall.median) : '',
    step ? share(step) : '',
  ];
  console.log(`| ${cells.join(' | ')} |`);
}
