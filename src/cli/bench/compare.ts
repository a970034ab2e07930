import type { Command } from 'commander';
import { type Comparison, compareResults } from '../../bench/compare';
import { RECORDED, readRecorded, readResults } from '../../bench/node/result-files';
import type { BenchResult } from '../../bench/results';
import { columns, number } from '../../bench/table';
import { InputError } from '../../errors';
import { realAbove } from '../option-values';

interface CompareFlags {
  readonly recorded: string;
  readonly threshold: number;
  readonly json?: boolean;
}

/** Adds `glocal bench compare`. */
export function registerCompareCommand(bench: Command): void {
  bench
    .command('compare')
    .description(
      'show what became slower: two results, or one against the recorded result of the same adapter',
    )
    .argument('<files...>', 'files of --out, the older first; or one')
    .option('--recorded <dir>', 'folder of recorded results', RECORDED)
    .option('--threshold <x>', 'ratio from which a row counts as slower', realAbove(1), 1.5)
    .option('--json', 'print JSON')
    .action((files: string[], flags: CompareFlags) => compare(files, flags));
}

/** Sets exit code 1 if something became slower. */
function compare(files: readonly string[], { recorded, threshold, json }: CompareFlags): void {
  if (files.length > 2) throw new InputError(`${files.length} files were named; give one or two.`);
  const compared = pairs(files, recorded).map(([before, after]) => ({
    before,
    after,
    comparison: compareResults(before, after, { threshold }),
  }));
  const comparisons = compared.map(({ comparison }) => comparison);
  const changes = comparisons.flatMap((comparison) => comparison.changes);
  if (changes.length === 0) {
    throw new InputError('The results have no row in common, so there is nothing to compare.');
  }
  const [{ before, after }] = compared as [(typeof compared)[number]];
  const strangers = before.environment.adapter !== after.environment.adapter;
  const notice = strangers
    ? `These results are from two adapters: ${before.environment.adapter}; ${after.environment.adapter}.\n`
    : '';
  const data = comparisons.length === 1 ? comparisons[0] : comparisons;
  const text = json ? `${JSON.stringify(data, null, 2)}\n` : notice + comparisons.map(format).join('\n');
  process.stdout.write(text);
  if (changes.some(({ verdict }) => verdict === 'slower')) process.exitCode = 1;
}

/** Results of the same bench, the older first. */
function pairs(files: readonly string[], recorded: string): (readonly [BenchResult, BenchResult])[] {
  const after = readResults(files.at(-1)!);
  if (files.length === 1) return after.map((result) => [readRecorded(result, recorded), result] as const);
  const before = readResults(files[0]!);
  const found = after.flatMap((result) => {
    const old = before.find(({ bench }) => bench === result.bench);
    return old ? [[old, result] as const] : [];
  });
  if (found.length > 0) return found;
  const names = (results: readonly BenchResult[]) => results.map(({ bench }) => bench).join(' and ');
  throw new InputError(`A result of bench ${names(before)} cannot be compared with one of ${names(after)}.`);
}

function format({ clock, changes, onlyBefore, onlyAfter }: Comparison): string {
  const time = clock === 'cpu' ? 'CPU ms' : 'ms';
  const rows = changes.map(({ name, before, after, drift, ratio: change, verdict }) => {
    return [
      name,
      ...[number(before), number(after), drift.toFixed(2), change.toFixed(2)],
      verdict === 'as before' ? '' : verdict,
    ];
  });
  return [
    columns([['', `${time} before`, 'after', 'reference', 'ratio', ''], ...rows]),
    '',
    'Ratios are after over before, relative to the reference timed alongside; above 1 is slower.',
    ...list('Only in the older result', onlyBefore),
    ...list('Only in the newer result', onlyAfter),
    '',
  ].join('\n');
}

/** How many rows missing from one result are listed by name. */
const NAMED = 3;

function list(title: string, names: readonly string[]): string[] {
  if (names.length === 0) return [];
  const rest = names.length > NAMED ? `; and ${names.length - NAMED} more` : '';
  return [`${title}: ${names.slice(0, NAMED).join('; ')}${rest}`];
}
