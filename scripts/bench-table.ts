/**
 * Prints the table of speeds in docs/performance.md from `bench/results`: theirs over ours, on a software adapter in
 * Node and on headless Chrome's. `node scripts/run.mjs scripts/bench-table.ts`
 */
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { BenchName, BenchResult } from '../src/bench/results';

const COLUMNS = ['node-lavapipe', 'chrome-swiftshader'] as const;

/** A line of the table: title, bench, prefixes of row names, opponent. */
type Line = readonly [title: string, bench: BenchName, opponent: string, names: readonly string[]];

const LINES: readonly Line[] = [
  ...(['forward', 'input gradient'] as const).map(
    (pass): Line => [
      `convolution ${pass}, 32 and 64 channels, without Winograd`,
      'kernels',
      'TF.js',
      [`conv 3x3 32->32 at 128x128, ${pass} (`, `conv 3x3 64->64 at 64x64, ${pass} (`],
    ],
  ),
  ...(['forward', 'input gradient', 'weight gradient'] as const).map(
    (pass): Line => [
      `convolution ${pass}, 64 and 128 channels`,
      'kernels',
      'TF.js',
      [`conv 3x3 64->64 at 64x64, ${pass}`, `conv 3x3 128->128 at 32x32, ${pass}`],
    ],
  ),
  ['network forward, 256x256, width 8', 'network', 'TF.js', ['forward, width 8 at']],
  ['the same, width 16', 'network', 'TF.js', ['forward, width 16 at']],
  ['the same, width 32 (Chrome: 128x128)', 'network', 'TF.js', ['forward, width 32 at']],
  ['training step, 2 x 64x64, width 8', 'training', 'TF.js', ['training step, width 8, 2 x 64x64']],
  ['the same, width 16', 'training', 'TF.js', ['training step, width 16, 2 x 64x64']],
  ...(['forward', 'input gradient', 'weight gradient'] as const).map(
    (pass): Line =>
      [`convolution ${pass}, 64 channels`, 'kernels', 'jax-js', [`conv 3x3 64->64 at 64x64, ${pass}`]] as [
        string,
        BenchName,
        string,
        readonly string[],
      ],
  ),
  ['convolution forward, 64 channels', 'kernels', 'ONNX Runtime Web', ['conv 3x3 64->64 at 64x64, forward']],
];

const results = new Map<string, BenchResult>();

function resultOf(bench: BenchName, column: string): BenchResult {
  const name = `${bench}-${column}`;
  const path = fileURLToPath(new URL(`../bench/results/${name}.json`, import.meta.url));
  const result = results.get(name) ?? (JSON.parse(readFileSync(path, 'utf8')) as BenchResult);
  results.set(name, result);
  return result;
}

/** A name ending in a bracket matches names with a remark in it; others must match up to a size. */
const matches = (name: string, wanted: string): boolean =>
  wanted.endsWith('(') || wanted.endsWith('at') ? name.startsWith(wanted) : name === wanted;

function ratios(bench: BenchName, column: string, opponent: string, names: readonly string[]): string {
  const { rows } = resultOf(bench, column);
  const found = names.flatMap((wanted) => {
    const row = rows.find(({ name }) => matches(name, wanted));
    const comparison = row?.comparisons.find((each) => each.opponent === opponent);
    return comparison && 'ratio' in comparison
      ? [comparison.ratio.median.toPrecision(2).replace(/e\+\d+$/, '')]
      : [];
  });
  return found.join(' and ');
}

console.log('| theirs / ours | against | lavapipe, Node | SwiftShader, headless Chrome |');
console.log('| --- | --- | --- | --- |');
for (const [title, bench, opponent, names] of LINES) {
  const cells = COLUMNS.map((column) => ratios(bench, column, opponent, names));
  console.log(`| ${title} | ${opponent} | ${cells.join(' | ')} |`);
}
