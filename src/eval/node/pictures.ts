import type { Dirent } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { listBundledScenes } from '../../data/node/bundled-scenes';
import { listScenes, sceneSource } from '../../data/node/scenes';
import { synthesisePair, synthesisePatch } from '../../data/pair';
import { splitScenes } from '../../data/split';
import {
  DEFAULT_SYNTHESIS,
  REAL_WORLD,
  type SynthesisConfig,
  type TargetName,
  targetSynthesis,
} from '../../data/synthesis-config';
import { validationDraws } from '../../data/validation-set';
import { InputError } from '../../errors';
import { reason } from '../../reason';
import type { Subject } from '../metrics/measure';
import { readPicture } from './files';

/** A picture to run all methods on. */
export interface TestPicture {
  readonly name: string;
  /** @throws InputError when its file is unusable. */
  make(): Promise<Subject>;
}

export interface TestSet {
  readonly count: number;
  /** Names of the scenes or photos that the pictures come from. */
  readonly sources: readonly string[];
  readonly pictures: AsyncIterable<TestPicture>;
}

interface SceneOptions {
  /** Folder of HDR files. Default: the small set of @pmndrs/assets. */
  readonly folder: string | undefined;
  /** Uses all scenes; otherwise those that training on the same folder holds out. */
  readonly all: boolean;
  readonly count: number;
  readonly size: number;
  readonly seed: number;
  /** The kind of target. */
  readonly target: TargetName;
  /** Widens views and crops so that no picture is enlarged from its scene. */
  readonly sharp: boolean;
  /** Adds sensor noise and JPEG losses to inputs: see `REAL_WORLD`. */
  readonly degrade: boolean;
  readonly onNotice: (message: string) => void;
}

/**
 * Square test pictures from scenes, with their HDR picture and target.
 *
 * @throws {InputError} when there are no scenes to hold out.
 */
export async function testScenes({
  folder,
  all,
  count,
  size,
  seed,
  target,
  sharp,
  degrade,
  onNotice,
}: SceneOptions): Promise<TestSet> {
  const scenes = folder === undefined ? await listBundledScenes() : await listScenes(folder);
  const used = all ? scenes : splitScenes(scenes).validation;
  if (used.length === 0) {
    throw new InputError(
      `${folder}: one scene is too few to hold one out. Give a folder with more HDR images, or --all.`,
    );
  }
  const config: SynthesisConfig = {
    ...DEFAULT_SYNTHESIS,
    patch: size,
    target: targetSynthesis(target),
    ...(sharp && { largestScale: 1 }),
    ...(degrade && { degradation: REAL_WORLD }),
  };
  const square = (data: Uint8Array) => ({ width: size, height: size, data });
  async function* pictures(): AsyncGenerator<TestPicture> {
    for await (const { scene, random } of validationDraws(used.map(sceneSource), {
      count,
      seed,
      onNotice,
    })) {
      yield {
        name: scene.name,
        make: async () => {
          const { input, target } = synthesisePair(scene, random, config);
          const hdr = synthesisePatch(scene, random, config).image;
          return { image: square(input), target: square(target), hdr };
        },
      };
    }
  }
  return { count, sources: used.map(({ name }) => name), pictures: pictures() };
}

/** Names treated as pictures when searching a folder. */
const PICTURE = /\.(png|jpe?g|webp|tiff?)$/i;

/**
 * Sorted names of the pictures in a folder, skipping hidden files.
 *
 * @throws InputError when the folder cannot be read or has none.
 */
export async function picturesIn(folder: string): Promise<string[]> {
  let entries: Dirent[];
  try {
    entries = await readdir(folder, { withFileTypes: true });
  } catch (cause) {
    throw new InputError(`${folder} cannot be read: ${reason(cause)}. Name a folder of pictures.`, { cause });
  }
  // Pipes may be endless.
  const names = entries.filter((entry) => entry.isFile() || entry.isSymbolicLink()).map(({ name }) => name);
  const pictures = names.filter((name) => PICTURE.test(name) && !name.startsWith('.')).sort();
  if (pictures.length > 0) return pictures;
  throw new InputError(`${folder} has no pictures (PNG, JPEG, WebP, TIFF). Name another folder.`);
}

/** The photos of a folder, without references. */
export async function testPhotos(folder: string): Promise<TestSet> {
  const names = await picturesIn(folder);
  async function* pictures(): AsyncGenerator<TestPicture> {
    for (const name of names)
      yield { name, make: async () => ({ image: await readPicture(join(folder, name)) }) };
  }
  return { count: names.length, sources: names, pictures: pictures() };
}
