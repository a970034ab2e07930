import { describe, expect, it } from 'vitest';
import { LocalProgram } from '../../src/enhance/programs';
import { haloOf } from '../../src/enhance/receptive-field';
import { foldBatchNorm, initialWeights } from '../../src/model';
import { Random } from '../../src/random';
import { openTestGpu } from '../support/gpu';
import { TINY } from './support';

const HEIGHT = 16;

describe('LocalProgram', () => {
  it('gives a window the same bits as the whole, up to the halo and no further', async () => {
    const gpu = await openTestGpu();
    const weights = foldBatchNorm(initialWeights(TINY, 3, { outputScale: 1 }), TINY);
    const run = async (width: number, planes: Float32Array) => {
      const program = await LocalProgram.compile(gpu, { config: TINY, weights }, { height: HEIGHT, width });
      const result = await program.run(planes, Float32Array.of(0.1, 0.7, 0, 1.3));
      program.destroy();
      return result;
    };
    const random = new Random(11);
    const [size, start, side] = [512, 128, 256];
    const image = Float32Array.from({ length: 3 * HEIGHT * size }, () => random.uniform());
    const cut = (planes: Float32Array, width: number, from: number, to: number) =>
      Array.from({ length: 3 * HEIGHT }, (_, row) => planes.subarray(row * width + from, row * width + to));
    const window = Float32Array.from(cut(image, size, start, start + side).flatMap((row) => [...row]));
    const whole = await run(size, image);
    const part = await run(side, window);
    const halo = haloOf(TINY);
    const columns = (from: number, to: number) => [
      cut(part, side, from, to),
      cut(whole, size, start + from, start + to),
    ];
    const [core, expected] = columns(halo, side - halo);
    expect(core).toEqual(expected);
    for (const [left, wholeLeft] of [columns(halo - 16, halo), columns(side - halo, side - halo + 16)]) {
      expect(left).not.toEqual(wholeLeft);
    }
  });
});
