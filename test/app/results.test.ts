import { describe, expect, it } from 'vitest';
import type { Enhanced } from '../../src/app/protocol';
import { Results } from '../../src/app/results';

const result = (bytes: number): Enhanced => ({
  id: '',
  width: 1,
  height: 1,
  pixels: new Blob([new Uint8Array(bytes)]),
  colorSpace: 'srgb',
  notes: [],
});

describe('Results', () => {
  it('returns the cached result of a photo and recipe, and nothing else', () => {
    const results = new Results<string>(100, () => false);
    const made = result(10);
    results.put('beach', 'small', made);
    expect(results.get('beach', 'small')).toBe(made);
    expect(results.get('beach', 'nano')).toBeNull();
    expect(results.get('forest', 'small')).toBeNull();
    results.forget('beach');
    expect(results.get('beach', 'small')).toBeNull();
    expect(results.bytes).toBe(0);
  });

  it('drops the least recently used, never what is shown', () => {
    const shown = result(40);
    const results = new Results<string>(100, (_, enhanced) => enhanced === shown);
    results.put('a', 'small', shown);
    results.put('b', 'small', result(30));
    results.put('c', 'small', result(30));
    results.get('b', 'small');
    results.put('d', 'small', result(30));
    expect(['a', 'b', 'c', 'd'].filter((name) => results.get(name, 'small'))).toEqual(['a', 'b', 'd']);
    expect(results.bytes).toBe(100);
  });
});
