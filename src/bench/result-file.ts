import { InputError } from '../errors';
import type { BenchResult, Comparison, NoComparison, Row } from './results';

/** `<bench>-<runtime>-<adapter>.json`: one file per environment. */
export function fileNameOf({ bench, environment }: BenchResult): string {
  const [program = ''] = environment.runtime.toLowerCase().match(/^[a-z]+/) ?? [];
  const runtime = ['node', 'firefox', 'safari'].includes(program) ? program : 'chrome';
  return `${bench}-${runtime}-${adapterKey(environment.adapter)}.json`;
}

/** A short name of an adapter, without the version of a software adapter. */
function adapterKey(adapter: string): string {
  if (/llvmpipe|lavapipe/i.test(adapter)) return 'lavapipe';
  if (/swiftshader/i.test(adapter)) return 'swiftshader';
  const words = adapter.toLowerCase().match(/[a-z0-9]+/g);
  return words?.join('-') ?? 'unnamed';
}

/**
 * Parses a result.
 *
 * @throws {InputError} for anything else, or another version of this program.
 */
export function parseResult(text: string, name: string): BenchResult {
  const [result, ...others] = parseResults(text, name);
  if (result && others.length === 0) return result;
  throw new InputError(`${name} holds ${others.length + 1} results, where one is needed.`);
}

/**
 * Reads a file of one result, or a list of results, as `bench.html` gives it.
 *
 * @throws {InputError} as `parseResult`.
 */
export function parseResults(text: string, name: string): readonly BenchResult[] {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (cause) {
    throw new InputError(
      `${name} is not JSON, so there is nothing to compare. Name a file of glocal bench.`,
      { cause },
    );
  }
  const results: unknown[] = Array.isArray(value) ? value : [value];
  if (results.length > 0 && results.every(isResult)) return results;
  throw new InputError(`${name} is not a result of glocal bench for this version. Measure again.`);
}

function isResult(value: unknown): value is BenchResult {
  if (typeof value !== 'object' || value === null) return false;
  const { format, bench, environment, peak, rows } = value as Partial<Record<keyof BenchResult, unknown>>;
  const isObject = (part: unknown) => typeof part === 'object' && part !== null;
  return (
    format === 2 &&
    typeof bench === 'string' &&
    [environment, peak, rows].every(isObject) &&
    Array.isArray(rows)
  );
}

/**
 * Merges rows: new ones replace old ones of the same name, and opponents not measured again keep their numbers. A
 * result from another environment is replaced as a whole.
 */
export function mergeResults(old: BenchResult, fresh: BenchResult): BenchResult {
  if (JSON.stringify(old.environment) !== JSON.stringify(fresh.environment)) return fresh;
  const rows = new Map(old.rows.map((row) => [row.name, row]));
  for (const row of fresh.rows) {
    const before = rows.get(row.name);
    rows.set(row.name, before ? { ...row, comparisons: mergeComparisons(before, row) } : row);
  }
  return { ...fresh, rows: [...rows.values()] };
}

function mergeComparisons(before: Row, row: Row): (Comparison | NoComparison)[] {
  const kept = before.comparisons.filter(
    ({ opponent }) => !row.comparisons.some((comparison) => comparison.opponent === opponent),
  );
  return [...kept, ...row.comparisons];
}
