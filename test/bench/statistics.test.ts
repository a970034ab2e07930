import { describe, expect, it } from 'vitest';
import { pairedRatio, spread } from '../../src/bench/statistics';

describe('spread', () => {
  it('gives median and quartiles, whatever the order', () => {
    expect(spread([5, 1, 4, 2, 3])).toEqual({ median: 3, low: 2, high: 4 });
    expect(spread([4, 1, 3, 2])).toEqual({ median: 2.5, low: 1.75, high: 3.25 });
    expect(spread([7])).toEqual({ median: 7, low: 7, high: 7 });
  });

  it('is NaN without values', () => {
    expect(spread([]).median).toBeNaN();
  });
});

describe('pairedRatio', () => {
  it('compares pair by pair, so that slowing both down has no effect', () => {
    const ours = [1, 10, 2, 30, 3];
    const theirs = ours.map((value) => 4 * value);
    expect(pairedRatio(theirs, ours)).toEqual({ median: 4, low: 4, high: 4 });
  });

  it('refuses samples that are not paired', () => {
    expect(() => pairedRatio([1, 2], [1])).toThrow(RangeError);
  });
});
