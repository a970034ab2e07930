import { describe, expect, it } from 'vitest';
import { geometricMean, shutterTime } from '../../src/data/exposure';
import { decodeHdr } from '../../src/data/hdr-file';
import { fuseExposures, fuseToBytes } from '../../src/data/mertens';
import { takePhoto } from '../../src/data/virtual-camera';
import { goldenBytes, goldenPng, goldens, haveGoldens, largestDifference } from './golden';

const ALL_ONE = { contrast: 1, saturation: 1, exposedness: 1 };

describe.skipIf(!haveGoldens)('golden scenes', () => {
  for (const [name, golden] of Object.entries(goldens().hdr)) {
    const scene = () => decodeHdr(goldenBytes(golden.file));

    it(`${name}: decoding and geometric mean`, () => {
      const image = scene();
      expect([image.width, image.height]).toEqual([golden.width, golden.height]);
      expect(Math.abs(geometricMean(image) / golden.luminance.geometric_mean - 1)).toBeLessThan(1e-12);
    });

    it(`${name}: virtual camera`, async () => {
      const image = scene();
      const mean = geometricMean(image);
      for (const shot of golden.virtual_camera) {
        const dt = shutterTime(shot.v, mean);
        expect(Math.abs(dt / shot.dt - 1)).toBeLessThan(1e-12);
        const photo = takePhoto(image, dt, shot);
        expect(largestDifference(photo, (await goldenPng(shot.file)).data)).toBeLessThanOrEqual(1);
      }
    });

    it(`${name}: linear exposures`, async () => {
      const image = scene();
      for (const shot of golden.exposures) {
        const photo = takePhoto(image, shot.dt, null);
        expect(largestDifference(photo, (await goldenPng(shot.file)).data)).toBe(0);
      }
    });

    it(`${name}: fusion`, async () => {
      const exposures = await Promise.all(
        golden.exposures.map(async ({ file }) => (await goldenPng(file)).data),
      );
      const fused = fuseExposures(exposures, golden.width, golden.height, ALL_ONE);
      const mean = fused.reduce((sum, value) => sum + value, 0) / fused.length;
      expect(Math.abs(mean - golden.mertens.float_mean)).toBeLessThan(1e-6);
      expect(Math.abs(fused.reduce((a, b) => Math.min(a, b)) - golden.mertens.float_min)).toBeLessThan(1e-6);
      expect(Math.abs(fused.reduce((a, b) => Math.max(a, b)) - golden.mertens.float_max)).toBeLessThan(1e-6);
      const bytes = fuseToBytes(exposures, golden.width, golden.height, ALL_ONE);
      expect(largestDifference(bytes, (await goldenPng(golden.mertens.file)).data)).toBeLessThanOrEqual(1);
    });
  }
});
