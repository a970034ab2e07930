import { describe, expect, it } from 'vitest';
import { flipHorizontally, flipVertically, type LinearImage } from '../../src/data/image';
import { ownResolutionView, renderView, type View } from '../../src/data/lens';
import { resample } from '../../src/data/resample';
import { largestDifference } from './golden';
import { proceduralImage } from './procedural';

const whole = ({ width, height }: LinearImage) => ({ x: 0, y: 0, width, height });

function fromFunction(width: number, height: number, at: (x: number, y: number) => number): LinearImage {
  const data = new Float32Array(3 * width * height);
  for (let i = 0; i < data.length; i++)
    data[i] = at(Math.floor(i / 3) % width, Math.floor(i / 3 / width)) + (i % 3);
  return { width, height, data };
}

describe('resample', () => {
  it('returns a window of whole pixels unchanged at its own size', () => {
    const image = proceduralImage(12, 10);
    const part = resample(image, { x: 3, y: 2, width: 5, height: 4 }, 5, 4);
    for (let y = 0; y < 4; y++) {
      const row = 3 * ((y + 2) * 12 + 3);
      expect([...part.data.subarray(15 * y, 15 * (y + 1))]).toEqual([...image.data.subarray(row, row + 15)]);
    }
  });

  it('reproduces linear ramps, enlarged and reduced, away from the border', () => {
    const ramp = fromFunction(40, 40, (x, y) => x + 2 * y);
    for (const size of [7, 16, 40, 90]) {
      const step = 20 / size;
      const part = resample(ramp, { x: 10, y: 10, width: 20, height: 20 }, size, size);
      for (let y = 0; y < size; y++) {
        for (let x = 0; x < size; x++) {
          const expected = 10 + (x + 0.5) * step - 0.5 + 2 * (10 + (y + 0.5) * step - 0.5);
          expect(Math.abs(part.data[3 * (y * size + x)]! - expected)).toBeLessThan(0.1 * step + 1e-4);
        }
      }
    }
  });

  it('does not alias: stripes of one pixel become grey when halved and more', () => {
    const stripes = fromFunction(64, 64, (x) => x % 2);
    const { data } = resample(stripes, whole(stripes), 13, 13);
    for (let i = 0; i < data.length; i += 3) expect(Math.abs(data[i]! - 0.5)).toBeLessThan(0.12);
  });

  it('keeps a constant, even beyond the border', () => {
    const constant = fromFunction(5, 4, () => 3);
    const { data } = resample(constant, { x: -2, y: -1, width: 9, height: 7 }, 11, 3);
    for (let i = 0; i < data.length; i++) expect(data[i]).toBeCloseTo(3 + (i % 3), 5);
  });
});

/** The direction of each pixel, as colours shifted to 1..3: x right, y up, z backwards. */
function directions(width: number): LinearImage {
  const height = width / 2;
  const data = new Float32Array(3 * width * height);
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const longitude = ((x + 0.5) / width - 0.5) * 2 * Math.PI;
      const latitude = (0.5 - (y + 0.5) / height) * Math.PI;
      const radius = Math.cos(latitude);
      data.set(
        [radius * Math.sin(longitude) + 2, Math.sin(latitude) + 2, -radius * Math.cos(longitude) + 2],
        3 * (y * width + x),
      );
    }
  }
  return { width, height, data };
}

const STRAIGHT: View = { yaw: 0, pitch: 0, roll: 0, fieldOfView: 60 };
const DEGREES = Math.PI / 180;

describe('renderView', () => {
  const world = directions(512);
  const centre = (view: View) => {
    const { data } = renderView(world, view, 9, 9);
    return [...data.subarray(3 * 40, 3 * 41)].map((value) => value - 2);
  };
  const expectDirection = (actual: number[], expected: readonly number[]) => {
    for (const [i, value] of expected.entries()) expect(Math.abs(actual[i]! - value)).toBeLessThan(2e-3);
  };

  it('looks at the middle of the panorama, right with yaw, up with pitch', () => {
    expectDirection(centre(STRAIGHT), [0, 0, -1]);
    expectDirection(centre({ ...STRAIGHT, yaw: 90 }), [1, 0, 0]);
    expectDirection(centre({ ...STRAIGHT, yaw: 180 }), [0, 0, 1]);
    expectDirection(centre({ ...STRAIGHT, pitch: 30 }), [0, 0.5, -Math.cos(30 * DEGREES)]);
    expectDirection(centre({ ...STRAIGHT, yaw: -90, pitch: 30, roll: 77 }), [
      -Math.cos(30 * DEGREES),
      0.5,
      0,
    ]);
  });

  it('spans the field of view: the outermost pixels look along the pinhole rays', () => {
    const n = 8;
    const { data } = renderView(world, { ...STRAIGHT, fieldOfView: 90 }, n, n);
    const u = (0.5 - n / 2) * (2 / n); // the middle of the first pixel, in the plane at distance 1
    const length = Math.hypot(u, u, 1);
    const first = [...data.subarray(0, 3)].map((value) => value - 2);
    // Pixels are means over their area, so the direction is only approximately that of the centre.
    for (const [i, value] of [u / length, -u / length, -1 / length].entries()) {
      expect(Math.abs(first[i]! - value)).toBeLessThan(0.01);
    }
  });

  it('tilts the camera clockwise with roll, so that the horizon falls to the left', () => {
    const { data } = renderView(world, { ...STRAIGHT, roll: 30 }, 9, 9);
    const up = (x: number, y: number) => data[3 * (9 * y + x) + 1]! - 2;
    expect(up(0, 4)).toBeGreaterThan(0.1); // left: above the horizon
    expect(up(8, 4)).toBeLessThan(-0.1);
  });

  it('wraps around behind: turned panorama and turned head give one picture', () => {
    const panorama = proceduralImage(128, 64);
    const turned: LinearImage = { ...panorama, data: panorama.data.slice() };
    for (let y = 0; y < 64; y++) {
      const row = panorama.data.subarray(3 * 128 * y, 3 * 128 * (y + 1));
      turned.data.set(row.subarray(3 * 32), 3 * 128 * y);
      turned.data.set(row.subarray(0, 3 * 32), 3 * 128 * y + 3 * 96);
    }
    const view = { yaw: 160, pitch: -10, roll: 3, fieldOfView: 70 };
    const a = renderView(panorama, view, 20, 15);
    const b = renderView(turned, { ...view, yaw: view.yaw - 90 }, 20, 15);
    expect(largestDifference(a.data, b.data)).toBeLessThan(1e-4);
  });

  it('does not alias: fine stripes become grey', () => {
    const stripes = fromFunction(2048, 1024, (x) => x % 2);
    const { data } = renderView(stripes, { ...STRAIGHT, fieldOfView: 85 }, 16, 16);
    for (let i = 0; i < data.length; i += 3) expect(Math.abs(data[i]! - 0.5)).toBeLessThan(0.05);
  });

  it('makes pictures that are not square, with square pixels', () => {
    const wide = renderView(world, { ...STRAIGHT, fieldOfView: 90 }, 12, 4);
    const square = renderView(world, { ...STRAIGHT, fieldOfView: 90 }, 12, 12);
    expect([...wide.data]).toEqual([...square.data.subarray(3 * 12 * 4, 3 * 12 * 8)]);
  });
});

describe('flips', () => {
  it('mirror and are their own inverse', () => {
    const image = proceduralImage(5, 4);
    const flipped = { ...image, data: image.data.slice() };
    flipHorizontally(flipped);
    for (let y = 0; y < 4; y++)
      for (let x = 0; x < 5; x++)
        for (let c = 0; c < 3; c++)
          expect(flipped.data[3 * (5 * y + x) + c]).toBe(image.data[3 * (5 * y + 4 - x) + c]);
    flipVertically(flipped);
    for (let y = 0; y < 4; y++)
      for (let x = 0; x < 5; x++)
        expect(flipped.data[3 * (5 * y + x)]).toBe(image.data[3 * (5 * (3 - y) + 4 - x)]);
    flipHorizontally(flipped);
    flipVertically(flipped);
    expect(flipped.data).toEqual(image.data);
  });
});

describe('ownResolutionView', () => {
  it.each([
    [1024, 192],
    [1024, 256],
    [4096, 512],
  ])('of a panorama of %i: %i pixels cover on average what its own do', (width, size) => {
    const angle = ownResolutionView(width, size);
    // The solid angle of the view, by summing over its pixels: dA / (1 + x^2 + y^2)^1.5 each.
    const half = Math.tan((angle * Math.PI) / 360);
    let solidAngle = 0;
    const step = (2 * half) / 400;
    for (let y = step / 2 - half; y < half; y += step) {
      for (let x = step / 2 - half; x < half; x += step) solidAngle += step ** 2 / (1 + x * x + y * y) ** 1.5;
    }
    expect(solidAngle / size ** 2 / ((2 * Math.PI) / width) ** 2).toBeCloseTo(1, 3);
  });

  it('is 180 degrees where half of the sphere just suffices, and no view beyond', () => {
    expect(ownResolutionView(Math.sqrt(2 * Math.PI) * 100 - 1e-9, 100)).toBeNaN();
    expect(ownResolutionView(Math.sqrt(2 * Math.PI) * 100 + 1e-9, 100)).toBeCloseTo(180, 3);
    expect(ownResolutionView(1024, 0)).toBe(0);
  });
});
