import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { constrain, fit, MAX_SCALE, zoomTo } from '../../src/app/ui/view-transform';

const SEED = 20190914;
const side = fc.integer({ min: 1, max: 20000 });
const size = fc.record({ width: side, height: side });
const stageSize = fc.record({
  width: fc.integer({ min: 100, max: 4000 }),
  height: fc.integer({ min: 100, max: 3000 }),
});
const insets = { top: 10, right: 20, bottom: 30, left: 40 };
const coordinate = fc.double({ min: -1e5, max: 1e5, noNaN: true });

describe('fit', () => {
  it('shows the whole photo within the insets, as large as allowed', () => {
    const property = fc.property(size, stageSize, (image, stage) => {
      const { scale, x, y } = fit(image, stage, insets);
      expect(x).toBeGreaterThanOrEqual(insets.left - 0.5);
      expect(y).toBeGreaterThanOrEqual(insets.top - 0.5);
      expect(x + image.width * scale).toBeLessThanOrEqual(stage.width - insets.right + 0.5);
      expect(y + image.height * scale).toBeLessThanOrEqual(stage.height - insets.bottom + 0.5);
      const room = [(stage.width - 60) / image.width, (stage.height - 40) / image.height, 2];
      expect(scale).toBeCloseTo(Math.min(...room), 10);
    });
    fc.assert(property, { seed: SEED });
  });
});

describe('zoomTo', () => {
  it('keeps the point under the pointer', () => {
    const property = fc.property(
      coordinate,
      coordinate,
      fc.double({ min: 0.01, max: 16, noNaN: true }),
      (px, py, scale) => {
        const view = { scale: 0.5, x: 12, y: -34 };
        const zoomed = zoomTo(view, scale, px, py);
        expect((px - zoomed.x) / zoomed.scale).toBeCloseTo((px - view.x) / view.scale, 4);
        expect((py - zoomed.y) / zoomed.scale).toBeCloseTo((py - view.y) / view.scale, 4);
      },
    );
    fc.assert(property, { seed: SEED });
  });
});

describe('constrain', () => {
  it('leaves no gap beside a photo wider than the stage, and centres a narrower one', () => {
    const property = fc.property(
      size,
      stageSize,
      coordinate,
      coordinate,
      fc.double({ min: 0.001, max: 100, noNaN: true }),
      (image, stage, x, y, scale) => {
        const fitted = fit(image, stage, insets);
        const view = constrain({ scale, x, y }, image, stage, fitted);
        expect(view.scale).toBeGreaterThanOrEqual(fitted.scale);
        expect(view.scale).toBeLessThanOrEqual(Math.max(MAX_SCALE, fitted.scale));
        if (view.scale === fitted.scale) {
          expect(view).toEqual(fitted);
          return;
        }
        for (const [position, length, room] of [
          [view.x, image.width * view.scale, stage.width],
          [view.y, image.height * view.scale, stage.height],
        ] as const) {
          if (length <= room) expect(Math.abs(position - (room - length) / 2)).toBeLessThanOrEqual(0.5);
          else {
            expect(position).toBeLessThanOrEqual(0);
            expect(position + length).toBeGreaterThanOrEqual(room - 1e-6);
          }
        }
      },
    );
    fc.assert(property, { seed: SEED });
  });

  it('is idempotent', () => {
    const image = { width: 3000, height: 2000 };
    const stage = { width: 800, height: 600 };
    const fitted = fit(image, stage, insets);
    const once = constrain({ scale: 3, x: 500, y: -99999 }, image, stage, fitted);
    expect(constrain(once, image, stage, fitted)).toEqual(once);
  });
});
