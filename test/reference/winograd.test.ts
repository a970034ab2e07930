import { describe, expect, it } from 'vitest';
import { randomArray } from '../support/random';
import { errorGrowth, WINOGRAD_POINTS, type WinogradMatrices, winogradMatrices } from './winograd';

type Matrix = readonly (readonly number[])[];

const transpose = (m: Matrix): number[][] => m[0]!.map((_, column) => m.map((row) => row[column]!));
const product = (a: Matrix, b: Matrix): number[][] =>
  a.map((row) => transpose(b).map((column) => row.reduce((sum, value, k) => sum + value * column[k]!, 0)));
const sandwich = (left: Matrix, middle: Matrix): number[][] =>
  product(product(left, middle), transpose(left));
const times = (a: Matrix, b: Matrix): number[][] =>
  a.map((row, r) => row.map((value, c) => value * b[r]![c]!));

function random(rows: number, columns: number, seed: string): number[][] {
  const values = randomArray(rows * columns, seed);
  return Array.from({ length: rows }, (_, r) => Array.from(values.slice(r * columns, (r + 1) * columns)));
}

function correlate(x: Matrix, kernel: Matrix): number[][] {
  const size = x.length - kernel.length + 1;
  return Array.from({ length: size }, (_, y) =>
    Array.from({ length: size }, (_, column) =>
      kernel
        .flatMap((row, r) => row.map((value, c) => value * x[y + r]![column + c]!))
        .reduce((a, b) => a + b),
    ),
  );
}

function expectEqual(got: Matrix, want: Matrix): void {
  expect(got.length).toBe(want.length);
  want.forEach((row, r) => {
    row.forEach((value, c) => {
      expect(got[r]![c]).toBeCloseTo(value, 11);
    });
  });
}

const CASES: readonly [string, WinogradMatrices][] = [
  ['the points of the shaders', winogradMatrices(WINOGRAD_POINTS, 4, 3)],
  ['the points of Lavin and Gray', winogradMatrices([0, 1, -1, 2, -2], 4, 3)],
  ['F(2x2, 3x3)', winogradMatrices([0, 1, -1], 2, 3)],
];

describe.each(CASES)('Winograd in float64, %s', (_, { AT, G, BT }) => {
  const size = BT.length;
  const x = random(size, size, 'x');
  const w = random(3, 3, 'w');
  const dy = random(AT.length, AT.length, 'dy');

  it('is the convolution', () => {
    expectEqual(sandwich(AT, times(sandwich(G, w), sandwich(BT, x))), correlate(x, w));
  });

  it('backward is the weight gradient', () => {
    const got = sandwich(transpose(G), times(sandwich(BT, x), sandwich(transpose(AT), dy)));
    expectEqual(got, correlate(x, dy));
  });
});

describe('errorGrowth', () => {
  it('is a quarter for our points of what it is for those of Lavin and Gray', () => {
    expect(errorGrowth(winogradMatrices(WINOGRAD_POINTS, 4, 3))).toBeCloseTo(8.2, 1);
    expect(errorGrowth(winogradMatrices([0, 1, -1, 2, -2], 4, 3))).toBeCloseTo(31.4, 1);
  });

  it('is 1 for a plain product', () => {
    expect(errorGrowth({ AT: [[1]], G: [[1]], BT: [[1]] })).toBe(1);
  });
});
