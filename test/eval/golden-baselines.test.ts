import { describe, expect, it } from 'vitest';
import { cache, cacheLuma, cacheMap } from '../../src/eval/baselines/cache';
import { lime } from '../../src/eval/baselines/lime';
import { srie } from '../../src/eval/baselines/srie';
import { luma } from '../../src/eval/metrics/luma';
import { goldenPng, largestDifference } from '../data/golden';
import { baselineFiles, firstChannel, haveGoldens, rgbGolden, units } from './reference';

/**
 * Levels; the tolerances of the goldens are wider (3 for CACHE, 4 for LIME, a mean of 2 for SRIE) to leave room for
 * other readings of the papers. Here a pixel may only differ where a value lies half-way between two levels.
 */
const TOLERANCE = 1;

describe.skipIf(!haveGoldens)('golden baselines', () => {
  for (const { file, baselines } of baselineFiles()) {
    const expected = async (name: string) => (await rgbGolden(baselines[name]?.file ?? '')).data;

    it(`${file}: CACHE`, async () => {
      const image = await rgbGolden(file);
      expect(largestDifference(cache(image).data, await expected('cache'))).toBeLessThanOrEqual(TOLERANCE);
      const grey = firstChannel(await goldenPng(baselines.cache_gray?.file ?? ''));
      expect(largestDifference(cacheLuma(image), grey)).toBeLessThanOrEqual(TOLERANCE);
    });

    it(`${file}: LIME`, async () => {
      expect(largestDifference(lime(await rgbGolden(file)).data, await expected('lime'))).toBeLessThanOrEqual(
        TOLERANCE,
      );
    });

    it(`${file}: SRIE`, async () => {
      expect(largestDifference(srie(await rgbGolden(file)).data, await expected('srie'))).toBeLessThanOrEqual(
        TOLERANCE,
      );
    });
  }

  it('the map of CACHE', async () => {
    const image = await rgbGolden('astronaut.png');
    expect(largestDifference(cacheMap(image, luma(image.data)), units().cache_map_astronaut)).toBeLessThan(
      1e-5,
    );
  });
});
