import { type FusionExponents, fuseExposures, fuseToBytes } from '../../src/data/mertens';
import { exposureFusion } from '../../src/kernels/exposure-fusion';
import { Random } from '../../src/random';
import { dense } from '../reference';
import { expectClose, expectSame } from '../tolerance';
import { type KernelCase, type KernelHarness, kernelCase } from './harness';

/** Exposures of one scene, 8 bit, RGB interleaved, and how they are to be fused. */
interface Shots {
  readonly photos: readonly Uint8Array[];
  readonly exponents: FusionExponents;
}

const ALL: FusionExponents = { contrast: 1, saturation: 1, exposedness: 1 };

/** Taps up and down through the levels, and weights of contrasts that almost cancel: the size of what is lost there. */
const OPERATIONS = 1000;
/** Share of values so near the middle between two levels that rounding may take either: fewer than 1 in 1000. */
const TIES = 1e-3;

/** Gradients, a flat disc and noise, through exposures two stops apart; each clips somewhere. */
function takeShots(height: number, width: number, count: number, isGrey: boolean): Uint8Array[] {
  const random = new Random('shots');
  const light = Float64Array.from({ length: 3 * height * width }, (_, i) => {
    const [x, y] = [(Math.floor(i / 3) % width) / width, Math.floor(i / 3 / width) / height];
    if (Math.hypot(x - 0.4, y - 0.5) < 0.25) return [0.8, 0.1, 0.02][i % 3]!;
    return 0.05 + 0.6 * x + 0.2 * y * (i % 3) + (x > 0.6 ? random.uniform(0, 0.3) : 0);
  });
  return Array.from({ length: count }, (_, k) =>
    Uint8Array.from(light, (_, i) =>
      Math.min(255, 255 * 4 ** (k + 0.5 - count / 2) * light[isGrey ? i - (i % 3) : i]!),
    ),
  );
}

const colour = (height: number, width: number, exponents = ALL, count = 3): Shots => {
  return { photos: takeShots(height, width, count, false), exponents };
};
const grey = (height: number, width: number, exponents: FusionExponents): Shots => {
  return { photos: takeShots(height, width, 3, true), exponents };
};
const equal = (height: number, width: number): Shots => {
  const [photo] = takeShots(height, width, 1, false);
  return { photos: [photo!, photo!, photo!], exponents: ALL };
};

const planes = (rgb: ArrayLike<number>): number[] =>
  [0, 1, 2].flatMap((c) => Array.from({ length: rgb.length / 3 }, (_, i) => rgb[3 * i + c]!));

/** What the kernels make of them, in planes: as it is, and in levels of 8 bit. */
async function fuse(
  kernels: KernelHarness,
  scenes: readonly Shots[],
  [height, width]: readonly [number, number],
): Promise<{ readonly y: Float32Array; readonly levels: Float32Array }> {
  const photos = scenes.flatMap((scene) => scene.photos);
  const values = photos.flatMap(planes).map((level) => level / 255);
  const exponents = scenes.flatMap(({ exponents: e }) => [e.contrast, e.saturation, e.exposedness]);
  const inputs = {
    exposures: kernels.input('exposures', dense([photos.length, 3, height, width], values)),
    exponents: kernels.input('exponents', dense([scenes.length, 3, 1, 1], exponents)),
  };
  const y = kernels.output('y', [scenes.length, 3, height, width]);
  const rounded = kernels.output('rounded', y.shape);
  await kernels.run([
    ...exposureFusion(kernels.context, { ...inputs, y }, { rounded: false }),
    ...exposureFusion(kernels.context, { ...inputs, y: rounded }, { rounded: true }),
  ]);
  const found = kernels.read(rounded);
  const levels = found.map((value) => Math.round(255 * value));
  const exact = levels.map((level) => level / 255);
  expectClose(found, exact, { name: 'rounded', reduction: 1 });
  return { y: kernels.read(y), levels };
}

function fusionCase(name: string, size: readonly [number, number], scenes: readonly Shots[]): KernelCase {
  const [height, width] = size;
  return kernelCase(`exposure fusion of ${name}, ${height}x${width}`, async (kernels) => {
    const found = await fuse(kernels, scenes, size);
    const exact = scenes.flatMap(({ photos, exponents }) =>
      planes(fuseExposures(photos, width, height, exponents)),
    );
    expectClose(found.y, exact, { name: 'y', reduction: OPERATIONS });
    const wanted = scenes.flatMap(({ photos, exponents }) =>
      planes(fuseToBytes(photos, width, height, exponents)),
    );
    const distances = wanted.map((level, i) => Math.abs(found.levels[i]! - level));
    const others = distances.filter((distance) => distance > 0).length;
    if (Math.max(...distances) > 1 || others > TIES * wanted.length) {
      throw new Error(`${others} of ${wanted.length} levels differ, by up to ${Math.max(...distances)}`);
    }
  });
}

const equalCase = kernelCase('exposure fusion of equal pictures gives them back, 19x34', async (kernels) => {
  const scene = equal(19, 34);
  const { levels } = await fuse(kernels, [scene], [19, 34]);
  expectSame(levels, planes(scene.photos[0]!), 'levels');
});

const monochrome = { ...ALL, saturation: 0 };

export const cases: readonly KernelCase[] = [
  fusionCase(
    'colour, grey and equal pictures at once',
    [17, 23],
    [colour(17, 23), grey(17, 23, monochrome), equal(17, 23), grey(17, 23, ALL)],
  ),
  fusionCase('a scene', [32, 48], [colour(32, 48)]),
  fusionCase('five exposures', [7, 40], [colour(7, 40, ALL, 5)]),
  fusionCase(
    'two, other exponents',
    [9, 8],
    [colour(9, 8, { contrast: 0.5, saturation: 2, exposedness: 0 }, 2)],
  ),
  fusionCase('one level', [3, 5], [colour(3, 5), grey(3, 5, monochrome)]),
  fusionCase('a line', [1, 6], [colour(1, 6, { ...ALL, contrast: 0 })]),
  equalCase,
];
