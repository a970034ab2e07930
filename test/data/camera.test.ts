import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { geometricMean, shutterTime } from '../../src/data/exposure';
import type { LinearImage } from '../../src/data/image';
import { cameraResponse, takePhoto, toByte } from '../../src/data/virtual-camera';
import { luminance } from '../../src/srgb';
import { proceduralImage } from './procedural';

const curves = fc.record({
  eta: fc.double({ min: 0.1, max: 1.5, noNaN: true }),
  gamma: fc.double({ min: 0.3, max: 2, noNaN: true }),
});
const MEAN_CURVE = { eta: 0.6, gamma: 0.9 };

function pixel(...rgb: [number, number, number]): LinearImage {
  return { width: 1, height: 1, data: Float32Array.from(rgb) };
}

describe('exposure', () => {
  it('has the geometric mean of the luminance, dark pixels counting 1e-6', () => {
    const image = { width: 2, height: 1, data: Float32Array.from([4, 4, 4, 0, 0, 0]) };
    expect(geometricMean(image)).toBeCloseTo(Math.sqrt(4e-6), 10);
  });

  it('puts the geometric mean of the exposed picture at 0.18 * 2^v', () => {
    const image = proceduralImage(13, 9);
    for (const v of [-4, -1.3, 0, 2]) {
      const dt = shutterTime(v, geometricMean(image));
      const exposed = { ...image, data: image.data.map((value) => dt * value) };
      expect(geometricMean(exposed) / (0.18 * 2 ** v)).toBeCloseTo(1, 6);
    }
  });
});

describe('cameraResponse', () => {
  it('maps 0 to 0, 1 to 1 and infinity to 1 + eta, and rises', () => {
    fc.assert(
      fc.property(curves, fc.double({ min: 0, max: 100, noNaN: true }), (curve, x) => {
        expect(cameraResponse(0, curve)).toBe(0);
        expect(cameraResponse(1, curve)).toBeCloseTo(1, 14);
        expect(cameraResponse(Infinity, curve)).toBe(1 + curve.eta);
        expect(cameraResponse(x + 0.01, curve)).toBeGreaterThan(cameraResponse(x, curve));
      }),
    );
  });

  it('has the value worked out by hand', () => {
    // 0.25^0.5 = 0.5; 1.5 * 0.5 / (0.5 + 0.5)
    expect(cameraResponse(0.25, { eta: 0.5, gamma: 0.5 })).toBeCloseTo(0.75, 15);
  });
});

describe('takePhoto', () => {
  it('scales the channels by f(Y)/Y, clips each, rounds halves upwards', () => {
    const scene = pixel(0.9, 0.05, 0.01);
    const y = luminance(...([...scene.data] as [number, number, number]));
    const gain = cameraResponse(y, MEAN_CURVE) / y;
    const expected = [...scene.data].map((value) => Math.floor(255 * Math.min(gain * value, 1) + 0.5));
    expect([...takePhoto(scene, 1, MEAN_CURVE)]).toEqual(expected);
    expect(expected[0]).toBe(255);
  });

  it('keeps black black and clips what is brighter than 1', () => {
    expect([...takePhoto(pixel(0, 0, 0), 3, MEAN_CURVE)]).toEqual([0, 0, 0]);
    expect([...takePhoto(pixel(2, 2, 2), 3, MEAN_CURVE)]).toEqual([255, 255, 255]);
    expect([...takePhoto(pixel(3e38, 0, 3e38), 1e300, MEAN_CURVE)].every((byte) => byte <= 255)).toBe(true);
  });

  it('only clips and rounds without a curve', () => {
    expect([...takePhoto(pixel(0.25, 0.5, 3), 1, null)]).toEqual([64, 128, 255]);
  });
});

describe('toByte', () => {
  it('rounds halves upwards and clips', () => {
    expect([-1, 0, 0.5 / 255, 1.49 / 255, 1, 7, Number.NaN].map(toByte)).toEqual([0, 0, 1, 1, 255, 255, 0]);
  });
});
