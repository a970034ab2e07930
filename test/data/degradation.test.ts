import sharp from 'sharp';
import { describe, expect, it } from 'vitest';
import { jpegLoss } from '../../src/data/jpeg-loss';
import { synthesisePair } from '../../src/data/pair';
import { exposeWithNoise } from '../../src/data/sensor-noise';
import {
  DEFAULT_SYNTHESIS,
  FINISHED,
  REAL_WORLD,
  validationSynthesis,
} from '../../src/data/synthesis-config';
import { psnr } from '../../src/eval/metrics/psnr';
import { Random } from '../../src/random';
import { proceduralScene } from './procedural';

const scene = proceduralScene('panorama', 192, 96);
const plain = { ...DEFAULT_SYNTHESIS, patch: 40 };

describe('sensor noise', () => {
  it.each([0.02, 0.3])('has the variance gain * x + read^2 at x = %s', (x) => {
    const flat = { width: 100, height: 100, data: new Float32Array(30_000).fill(x / 2) };
    const { data } = exposeWithNoise(flat, 2, { gain: 1e-4, read: 1e-3 }, new Random('noise'));
    const mean = data.reduce((sum, value) => sum + value, 0) / data.length;
    const variance = data.reduce((sum, value) => sum + (value - mean) ** 2, 0) / data.length;
    const expected = 1e-4 * x + 1e-6;
    expect(Math.abs(mean - x)).toBeLessThan(5 * Math.sqrt(expected / data.length));
    expect(Math.abs(variance / expected - 1)).toBeLessThan(5 * Math.sqrt(2 / data.length));
    expect(Math.min(...data)).toBeGreaterThanOrEqual(0);
  });
});

describe('jpegLoss', () => {
  const { input } = synthesisePair(scene, new Random(3), { ...plain, patch: 37 });

  it.each([30, 60, 95])('at quality %i equals libjpeg', async (quality) => {
    const raw = { width: 37, height: 37, channels: 3 } as const;
    const file = await sharp(input, { raw }).jpeg({ quality, chromaSubsampling: '4:4:4' }).toBuffer();
    const theirs = new Uint8Array(await sharp(file).raw().toBuffer());
    const ours = jpegLoss(input, 37, 37, quality);
    // libjpeg uses integer transforms: off by a level here and there, far less than the loss.
    expect(psnr(ours, theirs)).toBeGreaterThan(psnr(input, theirs) + 6);
    const worst = ours.reduce((most, value, i) => Math.max(most, Math.abs(value - theirs[i]!)), 0);
    expect(worst).toBeLessThanOrEqual(24);
  });
});

describe('pairs beyond the paper', () => {
  it('change only the input', () => {
    const random = new Random(5);
    const [paper, real] = [undefined, REAL_WORLD].map((degradation) =>
      synthesisePair(scene, random, { ...plain, ...(degradation && { degradation: always(degradation) }) }),
    );
    expect(real!.target).toEqual(paper!.target);
    expect(real!.meta).toEqual(paper!.meta);
    expect(real!.input).not.toEqual(paper!.input);
    expect(psnr(real!.input, paper!.input)).toBeGreaterThan(20);
  });

  it('use the target as input for the share of finished photos', () => {
    const root = new Random(6);
    const pairs = Array.from({ length: 120 }, (_, k) =>
      synthesisePair(scene, root.fork(k), {
        ...plain,
        patch: 4,
        finished: { share: 0.25, ...FINISHED },
      }),
    );
    const same = pairs.filter(({ input, target }) => input.every((value, i) => value === target[i]));
    expect(same.length / pairs.length).toBeGreaterThan(0.12);
    expect(same.length / pairs.length).toBeLessThan(0.38);
  });

  it('are measured on the pairs of the paper', () => {
    const config = {
      ...plain,
      exposureValue: [-6, 2],
      degradation: REAL_WORLD,
      finished: { share: 0.5, ...FINISHED },
    } as const;
    expect(validationSynthesis(config, 64)).toEqual({ ...DEFAULT_SYNTHESIS, patch: 64 });
  });
});

function always(degradation: typeof REAL_WORLD): typeof REAL_WORLD {
  const { noise, jpeg } = degradation;
  return { noise: { ...noise, share: 1 }, jpeg: { ...jpeg, share: 1 } };
}
