import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { planTiles } from '../../src/enhance/tiles';

const blocks = (low: number, high: number) => fc.integer({ min: low, max: high }).map((n) => 16 * n);
const rules = fc
  .record({ halo: blocks(1, 8), spare: fc.integer({ min: 0, max: 500_000 }) })
  .map(({ halo, spare }) => ({ alignment: 16, halo, maxPixels: (2 * halo + 16) ** 2 + spare }));

describe('planTiles', () => {
  it('covers every pixel once, with a halo or the border around each core', () => {
    fc.assert(
      fc.property(blocks(1, 300), blocks(1, 300), rules, (height, width, given) => {
        const plan = planTiles(height, width, given)!;
        expect(plan.window.height * plan.window.width).toBeLessThanOrEqual(given.maxPixels);
        for (const [tiles, size, side] of [
          [plan.rows, height, plan.window.height],
          [plan.columns, width, plan.window.width],
        ] as const) {
          let next = 0;
          for (const { window, core } of tiles) {
            expect(core.start).toBe(next);
            expect(core.end).toBeGreaterThan(core.start);
            next = core.end;
            expect(window.end - window.start).toBe(side);
            expect(window.start % 16).toBe(0);
            expect(window.start === 0 || core.start - window.start >= given.halo).toBe(true);
            expect(window.end === size || window.end - core.end >= given.halo).toBe(true);
          }
          expect(next).toBe(size);
        }
      }),
    );
  });

  it('leaves a picture whole when it fits', () => {
    const plan = planTiles(512, 496, { alignment: 16, halo: 112, maxPixels: 512 * 512 })!;
    expect(plan.window).toEqual({ height: 512, width: 496 });
    expect([plan.rows.length, plan.columns.length]).toEqual([1, 1]);
  });

  it('cuts a strip along its length only', () => {
    const plan = planTiles(16, 160_000, { alignment: 16, halo: 112, maxPixels: 512 * 512 })!;
    expect(plan.rows.length).toBe(1);
    expect(plan.window.width).toBeGreaterThan(10_000);
  });

  it('has no plan when the smallest window is too large', () => {
    expect(planTiles(4096, 4096, { alignment: 16, halo: 112, maxPixels: 239 ** 2 })).toBeUndefined();
  });
});
