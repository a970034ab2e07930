import { describe, expect, it } from 'vitest';
import { fileNameOf, mergeResults, parseResult } from '../../src/bench/result-file';
import type { BenchResult, Comparison } from '../../src/bench/results';
import { InputError } from '../../src/errors';
import { result, row, timing } from './results';

const on = (adapter: string, runtime: string): BenchResult => {
  const plain = result([]);
  return { ...plain, environment: { ...plain.environment, adapter, runtime } };
};

const comparison = (opponent: string, median: number): Comparison => ({
  opponent,
  version: '1.0.0',
  theirs: timing(median),
  ours: timing(1),
  ratio: { median, low: median, high: median },
  cpuRatio: null,
  difference: 1e-6,
  tolerance: 1e-4,
});

describe('fileNameOf', () => {
  it('names bench, runtime and adapter, without versions of software', () => {
    expect(fileNameOf(result([]))).toBe('kernels-node-lavapipe.json');
    expect(fileNameOf(on('google swiftshader', 'Chrome/156.0.1'))).toBe('kernels-chrome-swiftshader.json');
    expect(fileNameOf(on('Apple M2', 'Firefox/153.0'))).toBe('kernels-firefox-apple-m2.json');
    expect(fileNameOf(on('SwiftShader driver 5.0.0', 'Node v20'))).toBe('kernels-node-swiftshader.json');
    expect(fileNameOf(on('Radeon RX 7900 (RADV)', 'Node v20'))).toBe('kernels-node-radeon-rx-7900-radv.json');
  });
});

describe('parseResult', () => {
  it('returns what was written', () => {
    const written = result([row('a', 1)]);
    expect(parseResult(JSON.stringify(written), 'x.json')).toEqual(written);
  });

  it.each([
    '',
    '[]',
    'null',
    '{"format":2}',
    '{"format":1,"bench":"kernels","environment":{},"peak":{},"rows":[]}',
  ])('refuses %j by name', (text) => {
    expect(() => parseResult(text, 'x.json')).toThrow(InputError);
    expect(() => parseResult(text, 'x.json')).toThrow(/x\.json/);
  });
});

describe('mergeResults', () => {
  it('replaces rows by name, and keeps the others and the opponents that were not raced again', () => {
    const old = result([row('a', 1, { comparisons: [comparison('X', 4), comparison('Y', 5)] }), row('b', 2)]);
    const fresh = result([row('a', 3, { comparisons: [comparison('X', 6)] }), row('c', 4)]);
    const merged = mergeResults(old, fresh);
    expect(merged.rows.map(({ name, ours }) => [name, ours.wall.median])).toEqual([
      ['a', 3],
      ['b', 2],
      ['c', 4],
    ]);
    expect(merged.rows[0]!.comparisons).toEqual([comparison('Y', 5), comparison('X', 6)]);
  });

  it('does not mix environments', () => {
    const fresh = on('another adapter', 'Node v20.0.0');
    expect(mergeResults(result([row('a', 1)]), fresh)).toEqual(fresh);
  });
});
