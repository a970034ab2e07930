import { describe, expect, it } from 'vitest';
import { ShapeError } from '../../src/errors';
import {
  colourDifference,
  type Lab,
  labOfSrgb,
  meanColourDifference,
} from '../../src/eval/metrics/ciede2000';

/** Test data of G. Sharma, W. Wu and E. N. Dalal (2005), table 1: L, a, b of both colours and their difference. */
const PUBLISHED = `
50 2.6772 -79.7751 50 0 -82.7485 2.0425
50 3.1571 -77.2803 50 0 -82.7485 2.8615
50 2.8361 -74.0200 50 0 -82.7485 3.4412
50 -1.3802 -84.2814 50 0 -82.7485 1.0000
50 -1.1848 -84.8006 50 0 -82.7485 1.0000
50 -0.9009 -85.5211 50 0 -82.7485 1.0000
50 0 0 50 -1 2 2.3669
50 -1 2 50 0 0 2.3669
50 2.49 -0.001 50 -2.49 0.0009 7.1792
50 2.49 -0.001 50 -2.49 0.0010 7.1792
50 2.49 -0.001 50 -2.49 0.0011 7.2195
50 2.49 -0.001 50 -2.49 0.0012 7.2195
50 -0.001 2.49 50 0.0009 -2.49 4.8045
50 -0.001 2.49 50 0.0010 -2.49 4.8045
50 -0.001 2.49 50 0.0011 -2.49 4.7461
50 2.5 0 50 0 -2.5 4.3065
50 2.5 0 73 25 -18 27.1492
50 2.5 0 61 -5 29 22.8977
50 2.5 0 56 -27 -3 31.9030
50 2.5 0 58 24 15 19.4535
50 2.5 0 50 3.1736 0.5854 1.0000
50 2.5 0 50 3.2972 0 1.0000
50 2.5 0 50 1.8634 0.5757 1.0000
50 2.5 0 50 3.2592 0.3350 1.0000
60.2574 -34.0099 36.2677 60.4626 -34.1751 39.4387 1.2644
63.0109 -31.0961 -5.8663 62.8187 -29.7946 -4.0864 1.2630
61.2901 3.7196 -5.3901 61.4292 2.2480 -4.9620 1.8731
35.0831 -44.1164 3.7933 35.0232 -40.0716 1.5901 1.8645
22.7233 20.0904 -46.6940 23.0331 14.9730 -42.5619 2.0373
36.4612 47.8580 18.3852 36.2715 50.5065 21.2231 1.4146
90.8027 -2.0831 1.4410 91.1528 -1.6435 0.0447 1.4441
90.9257 -0.5406 -0.9208 88.6381 -0.8985 -0.7239 1.5381
6.7747 -0.2908 -2.4247 5.8714 -0.0985 -2.2286 0.6377
2.0776 0.0795 -1.1350 0.9033 -0.0636 -0.5514 0.9082
`;

describe('CIEDE2000', () => {
  it('agrees with the published test data', () => {
    const rows = PUBLISHED.trim()
      .split('\n')
      .map((line) => line.split(' ').map(Number));
    expect(rows.length).toBe(34);
    for (const [l1, a1, b1, l2, a2, b2, difference] of rows as [
      number,
      number,
      number,
      number,
      number,
      number,
      number,
    ][]) {
      const one: Lab = [l1, a1, b1];
      const other: Lab = [l2, a2, b2];
      expect(Math.abs(colourDifference(one, other) - difference)).toBeLessThan(0.5001e-4);
      expect(Math.abs(colourDifference(other, one) - difference)).toBeLessThan(0.5001e-4);
    }
  });

  it('takes sRGB to Lab under D65', () => {
    const white = labOfSrgb(255, 255, 255);
    expect(white.map((value) => Math.abs(value))).toEqual(
      [100, 0, 0].map((value) => expect.closeTo(value, 4)),
    );
    // Well-known values of the pure red.
    expect(labOfSrgb(255, 0, 0)).toEqual(
      [53.2408, 80.0925, 67.2032].map((value) => expect.closeTo(value, 2)),
    );
    expect(labOfSrgb(0, 0, 0).map(Math.abs)).toEqual([0, 0, 0]);
  });

  it('is the mean over the pixels of two pictures', () => {
    const a = Uint8Array.of(10, 20, 30, 200, 100, 50);
    const b = Uint8Array.of(10, 20, 30, 190, 120, 60);
    const second = colourDifference(labOfSrgb(200, 100, 50), labOfSrgb(190, 120, 60));
    expect(meanColourDifference(a, b)).toBeCloseTo(second / 2, 12);
    expect(meanColourDifference(a, a)).toBe(0);
    expect(() => meanColourDifference(a, b.subarray(3))).toThrow(ShapeError);
    expect(() => meanColourDifference(new Uint8Array(0), new Uint8Array(0))).toThrow(ShapeError);
  });
});
