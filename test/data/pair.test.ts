import { describe, expect, it } from 'vitest';
import { geometricMean, shutterTime } from '../../src/data/exposure';
import { ownResolutionView, type View } from '../../src/data/lens';
import { fuseToBytes } from '../../src/data/mertens';
import { synthesisePair, synthesisePatch } from '../../src/data/pair';
import { resample, type Window } from '../../src/data/resample';
import { Sampler } from '../../src/data/sampler';
import type { Scene } from '../../src/data/scene';
import { splitScenes } from '../../src/data/split';
import {
  DEFAULT_SYNTHESIS,
  FINISHED,
  FINISHED_TARGET,
  PHOTOS,
  type SynthesisConfig,
} from '../../src/data/synthesis-config';
import { validationPairs } from '../../src/data/validation-set';
import { takePhoto } from '../../src/data/virtual-camera';
import { InputError } from '../../src/errors';
import { finishPicture } from '../../src/photo/finish';
import { Random } from '../../src/random';
import { luminance } from '../../src/srgb';
import { encodeRadiance, proceduralImage, proceduralScene } from './procedural';

const config: SynthesisConfig = { ...DEFAULT_SYNTHESIS, patch: 24 };
const finishedConfig = { ...config, target: { ...config.target, finish: FINISHED_TARGET } };
const panorama = proceduralScene('panorama', 96, 48);
const photo = proceduralScene('photo', 70, 60);

describe('synthesisePair', () => {
  it('is a pure function of scene, stream and configuration', () => {
    const random = new Random(1);
    const first = synthesisePair(panorama, random, config);
    expect(synthesisePair(panorama, random, config)).toEqual(first);
    expect(synthesisePair(panorama, random.fork(2), config).input).not.toEqual(first.input);
    expect(first.input.length).toBe(24 * 24 * 3);
    expect(first.target.length).toBe(24 * 24 * 3);
  });

  it('follows the steps: crop, exposure of the patch, camera, fused target', () => {
    const unflipped = { ...config, flip: 0 };
    const { input, target, meta } = synthesisePair(photo, new Random(4), unflipped);
    const patch = resample(photo.image, meta.patch as Window, 24, 24);
    const mean = geometricMean(patch);
    expect(meta.geometricMean).toBe(mean);
    expect(input).toEqual(takePhoto(patch, shutterTime(meta.exposureValue, mean), meta.curve));
    const shots = [-2, 0, 2].map((v) => takePhoto(patch, shutterTime(v, mean), { eta: 0.6, gamma: 0.9 }));
    expect(target).toEqual(fuseToBytes(shots, 24, 24, { contrast: 1, saturation: 1, exposedness: 1 }));
  });

  it('finishes the fused target if configured, and nothing else', () => {
    const fused = synthesisePair(photo, new Random(4), config);
    const finished = synthesisePair(photo, new Random(4), finishedConfig);
    expect(finished).toEqual({ ...fused, target: finishPicture(fused.target, FINISHED_TARGET) });
    expect(finished.target).not.toEqual(fused.target);
  });

  it('keeps photos that should stay unchanged, and finishes the target of one that serves as a scene', () => {
    const taken = { ...photo, isPhoto: true };
    const make = (config: SynthesisConfig, darkShare: number) => {
      const dark = { ...PHOTOS.dark, share: darkShare };
      return synthesisePair(taken, new Random(4), {
        ...config,
        photos: { ...PHOTOS, dark, count: 1, share: 1 },
      });
    };
    expect(make(finishedConfig, 0)).toEqual(make(config, 0));
    const { target, ...dark } = make(config, 1);
    expect(make(finishedConfig, 1)).toEqual({ ...dark, target: finishPicture(target, FINISHED_TARGET) });
    const kept = { finished: { share: 1, ...FINISHED } };
    const [fused, finished] = [config, finishedConfig].map((config) =>
      synthesisePair(photo, new Random(6), { ...config, ...kept }),
    );
    expect(finished).toEqual(fused);
  });

  it('draws every number from its range', () => {
    const root = new Random(8);
    const metas = Array.from(
      { length: 200 },
      (_, k) => synthesisePair(photo, root.fork(k), { ...config, patch: 4 }).meta,
    );
    const values = metas.map((meta) => meta.exposureValue);
    expect(Math.min(...values)).toBeGreaterThanOrEqual(-4);
    expect(Math.max(...values)).toBeLessThan(0);
    expect(Math.max(...values) - Math.min(...values)).toBeGreaterThan(3.5);
    for (const meta of metas) {
      const { x, y, width, height } = meta.patch as Window;
      expect(width).toBe(height);
      expect(width).toBeGreaterThanOrEqual(12);
      expect(width).toBeLessThanOrEqual(36);
      expect(Math.min(x, y, 70 - x - width, 60 - y - height)).toBeGreaterThanOrEqual(0);
    }
    for (const axis of ['flippedHorizontally', 'flippedVertically'] as const) {
      const share = metas.filter((meta) => meta[axis]).length / metas.length;
      expect(Math.abs(share - 0.5)).toBeLessThan(0.12);
    }
    const eta = metas.reduce((sum, meta) => sum + meta.curve.eta, 0) / metas.length;
    expect(Math.abs(eta - 0.6)).toBeLessThan(0.03);
  });

  it('widens views and crops until nothing is enlarged, and refuses scenes that are too small', () => {
    const sharp = { ...config, largestScale: 1, crop: [0.1, 0.5] as const, lens: { ...config.lens } };
    const root = new Random(8);
    const patches = (scene: Scene, config: SynthesisConfig) =>
      Array.from({ length: 30 }, (_, k) => synthesisePatch(scene, root.fork(k), config).description);
    const widths = patches(photo, sharp).map((window) => (window as Window).width);
    expect([Math.min(...widths), Math.max(...widths)]).toEqual([24, 30]);
    const least = ownResolutionView(96, 24);
    for (const view of patches(panorama, sharp))
      expect((view as View).fieldOfView).toBeGreaterThanOrEqual(least);
    const relaxed = patches(panorama, { ...sharp, largestScale: 4 });
    expect(relaxed).toEqual(patches(panorama, config));
    for (const [scene, size] of [
      [photo, 61],
      [panorama, 32],
    ] as const)
      expect(() => synthesisePatch(scene, root, { ...sharp, patch: size })).toThrow(
        /too few for a picture of/,
      );
  });

  it('redraws camera parameters that are not above zero', () => {
    const wild = { eta: { mean: 0.1, deviation: 1 }, gamma: { mean: 0.1, deviation: 1 } };
    const root = new Random(9);
    for (let k = 0; k < 50; k++) {
      const { curve } = synthesisePair(photo, root.fork(k), { ...config, patch: 4, camera: wild }).meta;
      expect(Math.min(curve.eta, curve.gamma)).toBeGreaterThan(0);
    }
  });

  it('fuses monochrome scenes without the saturation measure', () => {
    const grey = proceduralImage(60, 50);
    for (let i = 0; i < grey.data.length; i++) grey.data[i] = grey.data[i - (i % 3)] as number;
    const scene = { ...photo, image: grey };
    const [asColour, asGrey] = [false, true].map(
      (isMonochrome) => synthesisePair({ ...scene, isMonochrome }, new Random(3), config).target,
    );
    expect(asGrey).not.toEqual(asColour);
  });

  it('brightens: the target is lighter than an under-exposed input', () => {
    const dark = { ...config, exposureValue: [-3, -3] as const };
    const { input, target } = synthesisePair(panorama, new Random(2), dark);
    expect(meanLuminance(target)).toBeGreaterThan(1.5 * meanLuminance(input));
  });
});

function meanLuminance(rgb: Uint8Array): number {
  let sum = 0;
  for (let i = 0; i < rgb.length; i += 3) sum += luminance(rgb[i]!, rgb[i + 1]!, rgb[i + 2]!);
  return sum / rgb.length;
}

describe('Sampler', () => {
  it('visits each scene once an epoch, in a new order each time', () => {
    const sampler = new Sampler(5, 30);
    const epochs = [0, 1].map((epoch) => Array.from({ length: 30 }, (_, i) => sampler.scene(30 * epoch + i)));
    for (const epoch of epochs)
      expect([...epoch].sort((a, b) => a - b)).toEqual(Array.from({ length: 30 }, (_, i) => i));
    expect(epochs[0]).not.toEqual(epochs[1]);
  });

  it('gives reserved scenes their share, evenly, in their own epochs', () => {
    const sampler = new Sampler(5, 30, { count: 10, share: 0.4 });
    const scenes = Array.from({ length: 50 }, (_, k) => sampler.scene(k));
    const apart = scenes.filter((scene) => scene >= 20);
    for (let k = 0; k < 50; k += 5)
      expect(scenes.slice(k, k + 5).filter((scene) => scene >= 20).length).toBe(2);
    for (const epoch of [apart.slice(0, 10), apart.slice(10)])
      expect([...epoch].sort((a, b) => a - b)).toEqual(Array.from({ length: 10 }, (_, i) => 20 + i));
    expect(new Set(scenes.filter((scene) => scene < 20).slice(0, 20)).size).toBe(20);
  });

  it.each([
    { count: 0, share: 0 },
    { count: 3, share: 0.3 },
  ])('can be asked for any pair at any time: %o', (apart) => {
    const order = (ks: number[]) => {
      const sampler = new Sampler(5, 7, apart);
      return ks
        .map((k) => [k, sampler.scene(k), sampler.random(k).uint32()] as const)
        .sort((a, b) => a[0] - b[0]);
    };
    expect(order([20, 3, 11, 0])).toEqual(order([0, 3, 11, 20]));
  });

  it('offers the other scenes of the epoch in turn', () => {
    const sampler = new Sampler(1, 5);
    const scenes = Array.from({ length: 5 }, (_, skip) => sampler.scene(8, skip));
    expect(new Set(scenes).size).toBe(5);
  });
});

describe('splitScenes', () => {
  const scenes = Array.from({ length: 500 }, (_, i) => ({ name: `scene_${i}` }));

  it('holds out about a fifth, each scene on one side', () => {
    const { training, validation } = splitScenes(scenes);
    expect(training.length + validation.length).toBe(500);
    expect(Math.abs(validation.length - 100)).toBeLessThan(30);
  });

  it('does not move a scene when others are added, or for its folder, format or size', () => {
    const side = (names: string[], name: string) =>
      splitScenes(names.map((n) => ({ name: n }))).validation.some((scene) => scene.name === name);
    const names = scenes.map(({ name }) => name);
    for (const name of names.slice(0, 40)) {
      expect(side(names.slice(0, 60), name)).toBe(side(names, name));
      expect(side([...names, `sub/${name}_4k.exr`], `sub/${name}_4k.exr`)).toBe(side(names, name));
    }
  });

  it('leaves neither side empty when there are two scenes or more', () => {
    for (let i = 0; i < 60; i++) {
      const { training, validation } = splitScenes([{ name: `a${i}` }, { name: `b${i}` }]);
      expect([training.length, validation.length]).toEqual([1, 1]);
    }
    expect(splitScenes([{ name: 'alone' }]).training.length).toBe(1);
  });
});

describe('validationPairs', () => {
  const source = (name: string, bytes: Uint8Array) => ({ name, read: async () => bytes });
  const good = ['b', 'a'].map((name, i) => source(name, encodeRadiance(proceduralImage(40, 20, i))));
  const options = { count: 5, seed: 3, config: { ...config, patch: 8 }, onNotice: () => {} };

  it('are fixed by the seed and cycle through the scenes by name', async () => {
    const pairs = await validationPairs(good, options);
    expect(pairs.map(({ meta }) => meta.scene)).toEqual(['a', 'b', 'a', 'b', 'a']);
    expect(await validationPairs([...good].reverse(), options)).toEqual(pairs);
    expect(await validationPairs(good, { ...options, seed: 4 })).not.toEqual(pairs);
  });

  it('skip unusable scenes, and fail if none is left', async () => {
    const bad = source('aa', new Uint8Array());
    const notices: string[] = [];
    const pairs = await validationPairs([bad, ...good], {
      ...options,
      onNotice: (text) => notices.push(text),
    });
    expect(pairs).toEqual(await validationPairs(good, options));
    expect(notices).toEqual([expect.stringMatching(/^aa: left out\. The file is empty/)]);
    await expect(validationPairs([bad], options)).rejects.toThrow(InputError);
  });
});
