import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type Lifetime, planBuffers } from '../../src/graph/plan';

const total = (numbers: readonly number[]): number => numbers.reduce((sum, number) => sum + number, 0);

const lifetimes: fc.Arbitrary<Lifetime[]> = fc.array(
  fc
    .record({
      bytes: fc.integer({ min: 1, max: 64 }).map((n) => 16 * n),
      first: fc.nat(30),
      length: fc.nat(10),
    })
    .map(({ bytes, first, length }) => ({ bytes, first, last: first + length })),
  { maxLength: 60 },
);

/** The most bytes that are needed at one time: no plan can do with less. */
function peak(values: readonly Lifetime[]): number {
  const times = values.map(({ first }) => first);
  const needed = times.map((time) =>
    total(values.filter(({ first, last }) => first <= time && time <= last).map(({ bytes }) => bytes)),
  );
  return Math.max(0, ...needed);
}

describe('planBuffers', () => {
  test('two values that are needed at the same time never share a buffer', () => {
    fc.assert(
      fc.property(lifetimes, (values) => {
        const { assignment } = planBuffers(values);
        values.forEach((a, i) => {
          values.forEach((b, j) => {
            const together = a.first <= b.last && b.first <= a.last;
            if (i < j && together) expect(assignment[i]).not.toBe(assignment[j]);
          });
        });
      }),
    );
  });

  test('every value fits its buffer', () => {
    fc.assert(
      fc.property(lifetimes, (values) => {
        const { assignment, buffers } = planBuffers(values);
        values.forEach(({ bytes }, index) => {
          expect(buffers[assignment[index]!]).toBeGreaterThanOrEqual(bytes);
        });
      }),
    );
  });

  test('takes at most one buffer per value, and at least what is needed at the same time', () => {
    fc.assert(
      fc.property(lifetimes, (values) => {
        const planned = total(planBuffers(values).buffers);
        expect(planned).toBeLessThanOrEqual(total(values.map(({ bytes }) => bytes)));
        expect(planned).toBeGreaterThanOrEqual(peak(values));
      }),
    );
  });

  test('a chain of equal layers needs two buffers', () => {
    const chain = Array.from({ length: 10 }, (_, time) => ({ bytes: 1024, first: time, last: time + 1 }));
    expect(planBuffers(chain).buffers).toEqual([1024, 1024]);
  });
});
