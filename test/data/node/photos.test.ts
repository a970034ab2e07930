import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import sharp from 'sharp';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openPairs } from '../../../src/data/node/pairs';
import { readPhotoAsPixmap } from '../../../src/data/node/photos';
import { listPhotos, listScenes } from '../../../src/data/node/scenes';
import { decodePixmap, encodePhoto, encodePixmap } from '../../../src/data/photo-file';
import { decodeScene } from '../../../src/data/scene';
import { DEFAULT_SYNTHESIS, PHOTOS } from '../../../src/data/synthesis-config';
import { InputError } from '../../../src/errors';
import { encodeRadiance, proceduralImage } from '../procedural';

let folder: string;
const path = (name: string) => join(folder, name);

/** Every level of every channel, on a diagonal, so that rows and columns cannot be mixed up. */
const rgb = Uint8Array.from({ length: 3 * 32 * 24 }, (_, i) => (i * 7) % 256);

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'glocal-photos-'));
  await mkdir(path('photos/more'), { recursive: true });
  await mkdir(path('hdr'));
  const photo = sharp(rgb, { raw: { width: 32, height: 24, channels: 3 } });
  await photo.clone().png().toFile(path('photos/b.png'));
  await photo.clone().toColourspace('b-w').png().toFile(path('photos/more/grey.png'));
  await photo.clone().resize(2048, 1536).jpeg().toFile(path('photos/large.JPG'));
  await photo.clone().withMetadata({ orientation: 6 }).png().toFile(path('photos/turned.png'));
  await writeFile(path('photos/broken.jpg'), 'not a photo');
  // libvips reports several lines for this one.
  await writeFile(path('cut.jpg'), Uint8Array.of(0xff, 0xd8, 0xff));
  await writeFile(path('photos/notes.txt'), 'not a photo');
  await writeFile(path('hdr/a.hdr'), encodeRadiance(proceduralImage(64, 32, 1)));
});

afterAll(() => rm(folder, { recursive: true }));

describe('photos to train on', () => {
  it('are found by their endings, in all folders', async () => {
    const names = (await listPhotos(path('photos'))).map(({ name }) => name);
    expect(names).toEqual(['b.png', 'broken.jpg', 'large.JPG', 'more/grey.png', 'turned.png']);
    const others = await listPhotos(path('photos'), path('photos/more'));
    expect(others.map(({ name }) => name)).toEqual(names.filter((name) => !name.startsWith('more/')));
    await expect(listPhotos(path('hdr'))).rejects.toThrow(/no photos.*name another folder/);
  });

  it('come as pixmaps: to the bit, upright, in colour, not too large', async () => {
    expect(await readPhotoAsPixmap(path('photos/b.png'))).toEqual(
      encodePixmap({ width: 32, height: 24, data: rgb }),
    );
    const sides = async (name: string) => {
      const { width, height } = decodePixmap(await readPhotoAsPixmap(path(`photos/${name}`)));
      return [width, height];
    };
    expect(await sides('turned.png')).toEqual([24, 32]);
    expect(await sides('large.JPG')).toEqual([1024, 768]);
    expect(await sides('more/grey.png')).toEqual([32, 24]);
    await expect(readPhotoAsPixmap(path('photos/broken.jpg'))).rejects.toThrow(InputError);
    await expect(readPhotoAsPixmap(path('cut.jpg'))).rejects.toThrow(
      /^The photo is damaged or cut short[^\n]*$/,
    );
  });

  it('come back from linear light to the bit', () => {
    const pixmap = encodePixmap({ width: 32, height: 24, data: rgb });
    expect(encodePhoto(decodePixmap(pixmap))).toEqual(rgb);
    expect(decodeScene('photo', pixmap)).toMatchObject({ isPhoto: true, isPanorama: false });
  });

  it('are refused if a pixmap is incomplete', () => {
    const pixmap = encodePixmap({ width: 32, height: 24, data: rgb });
    expect(() => decodePixmap(pixmap.subarray(0, -1))).toThrow(InputError);
    expect(() => decodePixmap(new TextEncoder().encode('P6\n0 0\n255\n'))).toThrow(InputError);
    expect(() => decodePixmap(new TextEncoder().encode('P6'))).toThrow(InputError);
  });

  it('provide their share of the pairs, unchanged or darkened; a broken one is named and skipped', async () => {
    const photos = await listPhotos(path('photos'));
    const scenes = [...(await listScenes(path('hdr'))), ...photos];
    const notices: string[] = [];
    const source = openPairs({
      scenes,
      seed: 1,
      config: {
        ...DEFAULT_SYNTHESIS,
        patch: 16,
        photos: { ...PHOTOS, dark: { ...PHOTOS.dark, share: 0.5 }, count: photos.length, share: 0.5 },
      },
      workers: 0,
      onNotice: (message) => notices.push(message),
    });
    const pairs = await Promise.all(Array.from({ length: 40 }, (_, k) => source.make(k)));
    const ofPhotos = pairs.filter(({ meta }) => meta.scene !== 'a');
    expect(ofPhotos.length).toBe(20);
    expect(new Set(ofPhotos.map(({ meta }) => meta.scene))).toEqual(
      new Set(['b.png', 'large.JPG', 'more/grey.png', 'turned.png']),
    );
    expect(notices).toEqual([expect.stringMatching(/^broken\.jpg: left out\. .* not an image/)]);
    const mean = (values: Uint8Array) => values.reduce((sum, value) => sum + value, 0) / values.length;
    let dark = 0;
    for (const { input, target } of ofPhotos as { input: Uint8Array; target: Uint8Array }[]) {
      if (mean(input) === mean(target)) expect(input).toEqual(target);
      else {
        dark++;
        expect(mean(input)).toBeLessThan(0.9 * mean(target));
      }
    }
    expect(dark).toBeGreaterThan(2);
    expect(dark).toBeLessThan(18);
  });
});
