import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Choosing } from '../../src/kernels/context';
import { foldWorkgroups } from '../../src/kernels/dispatch';
import { policyFor } from '../../src/kernels/policy';
import { rowTileOf, splitsOf, stripsOf } from '../../src/kernels/work-sharing';
import { traitsOf } from '../support/traits';

const adapters = [
  traitsOf(true, 8),
  traitsOf(true, 4),
  traitsOf(true, 0),
  traitsOf(false, 32),
  traitsOf(false, 0),
].map((traits): Choosing => ({ traits, policy: policyFor(traits) }));
const anyAdapter = fc.constantFrom(...adapters);
const size = (max: number) => fc.integer({ min: 1, max });

describe('sharing out work', () => {
  test('strips cover the length, none is empty', () => {
    fc.assert(
      fc.property(anyAdapter, size(300_000), size(300), (adapter, length, copies) => {
        const { workgroup, strip, strips } = stripsOf(adapter, length, copies);
        expect(strip % workgroup).toBe(0);
        expect(strip * strips).toBeGreaterThanOrEqual(length);
        expect(strip * (strips - 1)).toBeLessThan(length);
      }),
    );
  });

  test('splits of a sum cover all planes, none is empty', () => {
    fc.assert(
      fc.property(anyAdapter, size(40), size(40), size(70_000), (adapter, outer, rows, inner) => {
        const { workgroup, workgroups, partials, params } = splitsOf(adapter, outer, rows, inner);
        expect(params.planes! * params.plane_splits!).toBeGreaterThanOrEqual(outer);
        expect(params.planes! * (params.plane_splits! - 1)).toBeLessThan(outer);
        expect(rows * partials).toBe(workgroups * workgroup);
      }),
    );
  });

  test('one lane adds up few enough terms that the order of the sum does not cost digits', () => {
    for (const adapter of adapters) {
      const { strip, workgroup, params } = splitsOf(adapter, 64, 64, 1024 * 1024);
      expect((strip / workgroup) * params.planes!).toBeLessThanOrEqual(256);
    }
  });

  test('lanes of a row tile fill the workgroup', () => {
    fc.assert(
      fc.property(anyAdapter, size(5000), size(5000), (adapter, rows, width) => {
        const tile = rowTileOf(adapter, rows, width);
        expect(tile.lanesX * tile.lanesY).toBe(stripsOf(adapter, 1).workgroup);
        expect(tile.rows).toBeGreaterThanOrEqual(1);
      }),
    );
  });

  test('workgroups beyond the limit of a dimension are folded', () => {
    expect(foldWorkgroups(traitsOf(true, 8), 65535)).toEqual([65535, 1, 1]);
    expect(foldWorkgroups(traitsOf(true, 8), 65536)).toEqual([32768, 2, 1]);
    expect(foldWorkgroups(traitsOf(true, 8, 10), 95)).toEqual([10, 10, 1]);
    expect(() => foldWorkgroups(traitsOf(true, 8, 10), 101)).toThrow(/101 workgroups/);
  });
});
