import { describe, expect, it } from 'vitest';
import { readNetwork } from '../../src/enhance/folded-network';
import { loadModel, shippedModels } from '../../src/enhance/node/models';
import { GlobalProgram, LocalProgram } from '../../src/enhance/programs';
import { openTestGpu } from '../support/gpu';
import { gridResidue } from './grid-residue';

const SIZE = 256;
const GLOBAL = 128;

/** A picture of three equal channels, dense [1, 3, size, size]. */
const grey = (size: number, value: (x: number) => number): Float32Array =>
  Float32Array.from({ length: 3 * size * size }, (_, at) => value(((at % size) + 0.5) / size));

/** Smooth pictures, by the share of the way from left to right. */
const SMOOTH: Record<string, (x: number) => number> = {
  'constant 0.1': () => 0.1,
  'constant 0.4': () => 0.4,
  'ramp 0.05 to 0.45': (x) => 0.05 + 0.4 * x,
};

/** Levels of 255; about half of what shows in an 8-bit picture. */
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
    const gpu = await openTestGpu();
    const { config, weights } = readNetwork(await loadModel(model), model);
    if (config.kind !== 'local-global') throw new Error(`${model} is no local-global network`);
    const network = { config, weights };
    const globalProgram = await GlobalProgram.compile(gpu, network);
    const local = await LocalProgram.compile(gpu, network, { height: SIZE, width: SIZE });
    const residues: Record<string, number[]> = {};
    for (const [name, value] of Object.entries(SMOOTH)) {
      const output = await local.run(grey(SIZE, value), await globalProgram.run(grey(GLOBAL, value)));
      const plane = SIZE * SIZE;
      const mean = Float64Array.from({ length: plane }, (_, at) => {
        return (255 * (output[at]! + output[at + plane]! + output[at + 2 * plane]!)) / 3;
      });
      residues[name] = [2, 4, 8, 16].map((period) => gridResidue(mean, SIZE, period));
    }
    globalProgram.destroy();
    local.destroy();
    for (const [name, values] of Object.entries(residues)) {
      expect(Math.max(...values), `${name}: ${values.map((v) => v.toFixed(2)).join(', ')}`).toBeLessThan(
        ALLOWED,
      );
    }
  }, 120_000);
});
