import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { listScenes, sceneSource } from '../../../src/data/node/scenes';
import { InputError } from '../../../src/errors';

let folder: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'glocal-scenes-'));
  await mkdir(join(folder, 'deep', 'er'), { recursive: true });
  await mkdir(join(folder, 'none'));
  for (const file of ['b.hdr', 'A.EXR', 'notes.txt', '.hidden.hdr', 'deep/er/c.exr']) {
    await writeFile(join(folder, file), file);
  }
  await symlink(folder, join(folder, 'deep', 'circle'));
});

afterAll(() => rm(folder, { recursive: true }));

describe('listScenes', () => {
  it('finds HDR files in all folders, without following circles', async () => {
    const scenes = await listScenes(folder);
    expect(scenes.map(({ name }) => name)).toEqual(['A', 'b', 'deep/er/c']);
    expect(new TextDecoder().decode(await sceneSource(scenes[2]!).read())).toBe('deep/er/c.exr');
  });

  it('refuses missing folders, empty folders and files', async () => {
    for (const name of ['absent', 'none', 'b.hdr']) {
      await expect(listScenes(join(folder, name))).rejects.toThrow(InputError);
    }
  });
});
