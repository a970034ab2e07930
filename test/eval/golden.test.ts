import { describe, expect, it } from 'vitest';
import { equaliseHistogram, equaliseLuma } from '../../src/eval/baselines/histogram-equalisation';
import { entropy } from '../../src/eval/metrics/entropy';
import { goldenPng, goldens, haveGoldens, largestDifference } from '../data/golden';
import { firstChannel } from './reference';

describe.skipIf(!haveGoldens)('golden photos', () => {
  for (const [name, golden] of Object.entries(goldens().ldr)) {
    it(`${name}: entropy and histogram equalisation`, async () => {
      const { data } = await goldenPng(golden.file);
      expect(Math.abs(entropy(data) - golden.metrics.entropy_bits)).toBeLessThan(1e-6);
      const { he_gray, he_v } = golden.baselines;
      expect(largestDifference(equaliseLuma(data), firstChannel(await goldenPng(he_gray.file)))).toBe(0);
      expect(
        largestDifference(equaliseHistogram(data), (await goldenPng(he_v.file)).data),
      ).toBeLessThanOrEqual(1);
    });
  }

  for (const [name, golden] of Object.entries(goldens().hdr)) {
    it(`${name}: entropy of the camera's photos`, async () => {
      for (const shot of golden.virtual_camera) {
        const { data } = await goldenPng(shot.file);
        expect(Math.abs(entropy(data) - shot.metrics.entropy_bits)).toBeLessThan(1e-6);
      }
    });
  }
});
