import { expect, test } from 'vitest';
import { expectClose, expectSame, tolerance } from './tolerance';

test('the tolerance grows with the root of the reduction and with the magnitude', () => {
  expect(tolerance(1, 1)).toBeLessThan(1e-6);
  expect(tolerance(400, 3)).toBeCloseTo(60 * tolerance(1, 1), 12);
});

test('a difference above the tolerance is an error that names the worst element', () => {
  const close = (got: number[], terms?: number) => () =>
    expectClose(got, [1, -2, 0], { name: 'sum', reduction: 1, ...(terms === undefined ? {} : { terms }) });
  expect(close([1, -2 + 1e-6, 1e-6])).not.toThrow();
  expect(close([1 + 1e-5, -2, 3e-5])).toThrow(/^sum: element 2 of 3 is 0.00003, wanted 0; off by 3.00e-5/);
  expect(close([1, -2, 3e-5], 100)).not.toThrow();
  expect(close([1, Number.NaN, 0])).toThrow(/element 1 of 3 is NaN/);
  expect(close([1, -2])).toThrow(/got 2 numbers, wanted 3/);
});

test('exact comparison tells NaN and signed zeros', () => {
  expect(() => expectSame([0, Number.NaN], [0, Number.NaN], 'bits')).not.toThrow();
  expect(() => expectSame([-0], [0], 'bits')).toThrow(/bits: element 0/);
});
