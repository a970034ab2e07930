import { describe, expect, it } from 'vitest';
import { Enhancer } from '../../src/enhance/enhancer';
import { loadModel, shippedModels } from '../../src/enhance/node/models';
import type { RasterImage } from '../../src/photo/image';
import { openTestGpu } from '../support/gpu';
import { gridResidue } from './grid-residue';

const SIZE = 256;

/** A picture of three equal channels, in 16 bits. */
const grey = (value: (x: number) => number): RasterImage<Uint16Array> => ({
  width: SIZE,
  height: SIZE,
  channels: 3,
  data: Uint16Array.from({ length: 3 * SIZE * SIZE }, (_, at) =>
    Math.round(0xffff * value(((Math.floor(at / 3) % SIZE) + 0.5) / SIZE)),
  ),
});

/** Smooth pictures, as functions of the relative position from left to right. */
const SMOOTH: Record<string, (x: number) => number> = {
  'constant 0.1': () => 0.1,
  'constant 0.4': () => 0.4,
  'ramp 0.05 to 0.45': (x) => 0.05 + 0.4 * x,
};

/** Levels of 255; about half of what is visible in an 8-bit picture. */
const ALLOWED = 0.3;

describe('gridResidue', () => {
  it('is zero for a cubic along the rows and finds the height of a checkerboard', () => {
    const cubic = Float64Array.from({ length: 64 * 64 }, (_, at) => ((at % 64) / 64 - 0.3) ** 3);
    expect(gridResidue(cubic, 64, 4)).toBeLessThan(1e-12);
    const board = cubic.map((value, at) => value + ((((at >> 6) + at) & 1) === 0 ? 0.01 : -0.01));
    expect(gridResidue(board, 64, 2)).toBeCloseTo(0.01, 3);
    expect(gridResidue(board, 64, 8)).toBeCloseTo(0.01, 3);
  });
});

describe.each(shippedModels())('%s', (model) => {
  it('leaves no grid on smooth areas', async () => {
    const enhancer = await Enhancer.create({ gpu: await openTestGpu(), model: await loadModel(model) });
    const residues: Record<string, number[]> = {};
    for (const [name, value] of Object.entries(SMOOTH)) {
      const { data } = await enhancer.run(grey(value));
      const mean = Float64Array.from({ length: SIZE * SIZE }, (_, at) => {
        return (255 * (data[3 * at]! + data[3 * at + 1]! + data[3 * at + 2]!)) / (3 * 0xffff);
      });
      residues[name] = [2, 4, 8, 16].map((period) => gridResidue(mean, SIZE, period));
    }
    await enhancer.dispose();
    for (const [name, values] of Object.entries(residues)) {
      expect(Math.max(...values), `${name}: ${values.map((v) => v.toFixed(2)).join(', ')}`).toBeLessThan(
        ALLOWED,
      );
    }
  }, 120_000);
});
