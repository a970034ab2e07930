import { describe, expect, it } from 'vitest';
import { type FusionExponents, fuseExposures, fuseToBytes, fusionWeights } from '../../src/data/mertens';
import { takePhoto } from '../../src/data/virtual-camera';
import { largestDifference } from './golden';
import { proceduralImage } from './procedural';

const ALL_ONE: FusionExponents = { contrast: 1, saturation: 1, exposedness: 1 };

/** Three exposures, two stops apart. */
function exposures(width: number, height: number): Uint8Array[] {
  const scene = proceduralImage(width, height);
  return [-2, 0, 2].map((v) => takePhoto(scene, 0.3 * 2 ** v, null));
}

describe('fuseExposures', () => {
  it.each([
    [23, 17],
    [16, 32],
    [33, 8],
    [3, 5],
    [1, 4],
  ])('agrees with a literal implementation on %i x %i', (width, height) => {
    const shots = exposures(width, height);
    for (const exponents of [ALL_ONE, { contrast: 0.5, saturation: 0, exposedness: 2 }]) {
      const expected = fuseLiterally(shots, width, height, exponents);
      expect(largestDifference(fuseExposures(shots, width, height, exponents), expected)).toBeLessThan(1e-12);
    }
  });

  it('returns a picture that is fused with itself', () => {
    const shot = exposures(21, 30)[1] as Uint8Array;
    expect(fuseToBytes([shot, shot, shot], 21, 30, ALL_ONE)).toEqual(shot);
  });

  it('fuses grey pictures to their plain mean unless saturation is left out', () => {
    const shots = exposures(12, 12).map((shot) => shot.map((_, i) => shot[i - (i % 3)] as number));
    const plain = shots[0]!.map((_, i) =>
      Math.floor(shots.reduce((sum, shot) => sum + shot[i]!, 0) / 3 + 0.5),
    );
    expect(largestDifference(fuseToBytes(shots, 12, 12, ALL_ONE), plain)).toBeLessThanOrEqual(1);
    const weighted = fuseToBytes(shots, 12, 12, { ...ALL_ONE, saturation: 0 });
    expect(largestDifference(weighted, plain)).toBeGreaterThan(10);
  });
});

describe('fusionWeights', () => {
  it('sum to one in every pixel', () => {
    const maps = fusionWeights(exposures(19, 11), 19, 11, ALL_ONE);
    for (let i = 0; i < 19 * 11; i++) {
      expect(maps.reduce((sum, map) => sum + map[i]!, 0)).toBeCloseTo(1, 12);
      for (const map of maps) expect(map[i]).toBeGreaterThanOrEqual(0);
    }
  });
});

type Grid = number[][];

/** The steps of Mertens et al. written out on nested lists, with padded borders and zeros inserted between samples. */
function fuseLiterally(
  shots: Uint8Array[],
  width: number,
  height: number,
  exponents: FusionExponents,
): number[] {
  const depth = Math.max(1, Math.floor(Math.log2(Math.min(width, height))));
  const planes = shots.map((shot) =>
    [0, 1, 2].map((c) => grid(height, width, (y, x) => shot[3 * (y * width + x) + c]! / 255)),
  );
  const weights = planes.map(([r, g, b]) =>
    grid(height, width, (y, x) => {
      const grey = (v: number, u: number) => {
        const [i, j] = [clamp(v, height), clamp(u, width)];
        return (
          0.29893602129377533 * r![i]![j]! +
          0.5870430744511214 * g![i]![j]! +
          0.11402090425510324 * b![i]![j]!
        );
      };
      const contrast = Math.abs(
        grey(y - 1, x) + grey(y + 1, x) + grey(y, x - 1) + grey(y, x + 1) - 4 * grey(y, x),
      );
      const colour = [r![y]![x]!, g![y]![x]!, b![y]![x]!];
      const mean = (colour[0]! + colour[1]! + colour[2]!) / 3;
      const saturation = Math.sqrt(colour.reduce((s, v) => s + (v - mean) ** 2, 0) / 3);
      const exposed = colour.reduce((s, v) => s * Math.exp(-((v - 0.5) ** 2) / (2 * 0.2 ** 2)), 1);
      return (
        contrast ** exponents.contrast *
          saturation ** exponents.saturation *
          exposed ** exponents.exposedness +
        1e-12
      );
    }),
  );
  const sums = grid(height, width, (y, x) => weights.reduce((s, w) => s + w[y]![x]!, 0));
  const fused = [0, 1, 2].map((c) => {
    let levels: Grid[] = [];
    planes.forEach((channels, k) => {
      const weightLevels = gaussian(
        map(weights[k]!, (w, y, x) => w / sums[y]![x]!),
        depth,
      );
      const imageLevels = gaussian(channels[c]!, depth);
      const blended = imageLevels.map((level, j) => {
        const next = imageLevels[j + 1];
        const up = next ? upsample(next, level.length, level[0]!.length) : null;
        return map(level, (v, y, x) => weightLevels[j]![y]![x]! * (up ? v - up[y]![x]! : v));
      });
      levels = levels.length
        ? levels.map((level, j) => map(level, (v, y, x) => v + blended[j]![y]![x]!))
        : blended;
    });
    return levels.reduceRight((coarse, level) => {
      const up = upsample(coarse, level.length, level[0]!.length);
      return map(level, (v, y, x) => v + up[y]![x]!);
    });
  });
  return Array.from({ length: 3 * width * height }, (_, i) => {
    const pixel = Math.floor(i / 3);
    return fused[i % 3]![Math.floor(pixel / width)]![pixel % width]!;
  });
}

const TAPS = [1 / 16, 4 / 16, 6 / 16, 4 / 16, 1 / 16];
const clamp = (i: number, n: number) => Math.min(Math.max(i, 0), n - 1);
const mirror = (i: number, n: number) => (i < 0 ? -i - 1 : i >= n ? 2 * n - 1 - i : i);

function grid(height: number, width: number, at: (y: number, x: number) => number): Grid {
  return Array.from({ length: height }, (_, y) => Array.from({ length: width }, (_, x) => at(y, x)));
}

function map(plane: Grid, f: (value: number, y: number, x: number) => number): Grid {
  return plane.map((row, y) => row.map((value, x) => f(value, y, x)));
}

function gaussian(plane: Grid, depth: number): Grid[] {
  const levels = [plane];
  while (levels.length < depth) {
    const fine = levels[levels.length - 1]!;
    const [h, w] = [fine.length, fine[0]!.length];
    levels.push(
      grid(Math.ceil(h / 2), Math.ceil(w / 2), (y, x) => {
        let sum = 0;
        for (let j = 0; j < 5; j++)
          for (let i = 0; i < 5; i++)
            sum += TAPS[j]! * TAPS[i]! * fine[mirror(2 * y + j - 2, h)]![mirror(2 * x + i - 2, w)]!;
        return sum;
      }),
    );
  }
  return levels;
}

/** Replicate-padded by one, four times the values between zeros, low-passed with zeros outside, cropped. */
function upsample(coarse: Grid, height: number, width: number): Grid {
  const [h, w] = [coarse.length, coarse[0]!.length];
  const spread = grid(2 * h + 4, 2 * w + 4, (y, x) =>
    y % 2 || x % 2 ? 0 : 4 * coarse[clamp(y / 2 - 1, h)]![clamp(x / 2 - 1, w)]!,
  );
  return grid(height, width, (y, x) => {
    let sum = 0;
    for (let j = 0; j < 5; j++)
      for (let i = 0; i < 5; i++) sum += TAPS[j]! * TAPS[i]! * (spread[y + j]?.[x + i] ?? 0);
    return sum;
  });
}
