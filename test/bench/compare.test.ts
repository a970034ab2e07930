import { describe, expect, it } from 'vitest';
import { compareResults } from '../../src/bench/compare';
import { result, row, timing } from './results';

const TIMES = { a: 10, b: 3, c: 50, d: 0.2, e: 7, f: 21 };

/** Makes all rows and the reference slower by `drift`, and some rows by their own factor. */
const measured = (drift: number, factors: Partial<Record<keyof typeof TIMES, number>> = {}) =>
  result(
    Object.entries(TIMES).map(([name, ms]) => {
      const factor = factors[name as keyof typeof TIMES] ?? 1;
      return row(name, ms * drift * factor, { reference: timing(10 * drift) });
    }),
  );

const verdicts = (comparison: ReturnType<typeof compareResults>) =>
  Object.fromEntries(comparison.changes.map(({ name, verdict }) => [name, verdict]));

describe('compareResults', () => {
  it('finds the one kernel that takes twice as long, and puts it first', () => {
    const comparison = compareResults(measured(1), measured(1, { c: 2 }), { threshold: 1.5 });
    expect(comparison.changes[0]).toEqual({
      ...{ name: 'c', before: 50, after: 100, drift: 1, ratio: 2, verdict: 'slower' },
    });
    expect(comparison.changes.filter(({ verdict }) => verdict !== 'as before')).toHaveLength(1);
  });

  it('finds it even if the whole machine is three times slower', () => {
    const comparison = compareResults(measured(1), measured(3, { b: 2, e: 0.5 }), { threshold: 1.5 });
    expect(comparison.changes.map(({ drift }) => drift)).toEqual(Array(6).fill(3));
    expect(verdicts(comparison)).toEqual({
      ...{ a: 'as before', c: 'as before', d: 'as before', f: 'as before' },
      ...{ b: 'slower', e: 'quicker' },
    });
  });

  it('uses processor time on software adapters, wall-clock time on GPUs or if there is nothing else', () => {
    const before = result([row('a', 10)]);
    const busy = result([row('a', 10, { ours: timing(90, 10) })]);
    expect(compareResults(before, busy, { threshold: 1.5 })).toMatchObject({
      clock: 'cpu',
      changes: [{ verdict: 'as before' }],
    });
    const gpu = { ...busy, environment: { ...busy.environment, software: false } };
    expect(compareResults(before, gpu, { threshold: 1.5 })).toMatchObject({
      clock: 'wall',
      changes: [{ verdict: 'slower' }],
    });
    const blind = result([row('a', 10, { ours: timing(10, null) })]);
    expect(compareResults(before, blind, { threshold: 1.5 }).clock).toBe('wall');
  });

  it('uses wall-clock time if a run was shorter than a tick of the processor time', () => {
    const coarse = (ms: number) => result([row('a', ms, { ours: timing(ms, 0) })]);
    expect(compareResults(coarse(1), coarse(2), { threshold: 1.5 })).toMatchObject({
      clock: 'wall',
      changes: [{ name: 'a', verdict: 'slower' }],
    });
  });

  it('names rows that have no counterpart', () => {
    const comparison = compareResults(
      result([row('a', 1), row('old', 1)]),
      result([row('a', 1), row('new', 1)]),
      {
        threshold: 1.5,
      },
    );
    expect(comparison).toMatchObject({ onlyBefore: ['old'], onlyAfter: ['new'] });
    expect(comparison.changes).toHaveLength(1);
  });
});
