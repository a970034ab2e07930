import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import sharp from 'sharp';
import { extract } from 'tar-stream';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { listBundledScenes } from '../../../src/data/node/bundled-scenes';
import { type PairFilesRequest, writePairs } from '../../../src/data/node/pair-files';
import { openPairs } from '../../../src/data/node/pairs';
import { splitScenes } from '../../../src/data/split';
import { DEFAULT_SYNTHESIS } from '../../../src/data/synthesis-config';

let folder: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'glocal-pairs-'));
});
afterAll(() => rm(folder, { recursive: true }));

const write = (request: Partial<PairFilesRequest> & Pick<PairFilesRequest, 'out'>) =>
  writePairs({
    ...{ count: 2, first: 0, part: 'training', size: 16, seed: 5, target: 'fused' },
    ...{ degrade: false, overwrite: false, workers: 0 },
    onNotice: (message) => console.log(message),
    onProgress: () => {},
    ...request,
  });

/** Name to content. */
async function entriesOf(tar: string): Promise<Map<string, Buffer>> {
  const entries = new Map<string, Buffer>();
  const reader = extract();
  reader.end(await readFile(tar));
  for await (const entry of reader) {
    const parts: Buffer[] = [];
    for await (const part of entry) parts.push(part as Buffer);
    entries.set(entry.header.name, Buffer.concat(parts));
  }
  return entries;
}

describe('pairs as files', () => {
  test('are those used for training', async () => {
    const out = join(folder, 'pngs');
    await write({ out, first: 3 });
    expect((await readdir(out)).sort()).toEqual(
      ['000003', '000004'].flatMap((k) => [`${k}.input.png`, `${k}.json`, `${k}.target.png`]),
    );
    const scenes = splitScenes(await listBundledScenes()).training;
    const config = { ...DEFAULT_SYNTHESIS, patch: 16 };
    const source = openPairs({ scenes, seed: 5, config, workers: 0, onNotice: () => {} });
    const pair = await source.make(3);
    await source.close();
    for (const side of ['input', 'target'] as const) {
      const { data, info } = await sharp(join(out, `000003.${side}.png`))
        .raw()
        .toBuffer({ resolveWithObject: true });
      expect(info).toMatchObject({ width: 16, height: 16, channels: 3 });
      expect(Buffer.compare(data, pair[side])).toBe(0);
    }
    const meta: unknown = JSON.parse(await readFile(join(out, '000003.json'), 'utf8'));
    expect(meta).toMatchObject({ pair: 3, seed: 5, part: 'training', ...pair.meta });
  });

  test('in a tar are the same, and the tar is the same every time', async () => {
    const tars = ['a.tar', 'b.tar'].map((name) => join(folder, name));
    for (const out of tars) await write({ out, first: 3 });
    const [a, b] = await Promise.all(tars.map((tar) => readFile(tar)));
    expect(Buffer.compare(a!, b!)).toBe(0);
    const entries = await entriesOf(tars[0]!);
    // All files of a pair lie side by side, as WebDataset wants them.
    expect([...entries.keys()].map((name) => name.split('.')[0])).toEqual([
      ...['000003', '000003', '000003'],
      ...['000004', '000004', '000004'],
    ]);
    for (const [name, content] of entries) {
      expect(Buffer.compare(content, await readFile(join(folder, 'pngs', name)))).toBe(0);
    }
  });

  test('of held-out scenes are different', async () => {
    const out = join(folder, 'kept');
    await write({ out, part: 'validation', first: 1, count: 1 });
    const meta = JSON.parse(await readFile(join(out, '000001.json'), 'utf8')) as { scene: string };
    const { validation } = splitScenes(await listBundledScenes());
    expect(validation.map(({ name }) => name)).toContain(meta.scene);
  });

  test('replace nothing unless asked', async () => {
    await expect(write({ out: join(folder, 'pngs') })).rejects.toThrow(/pngs is not empty.*--overwrite/);
    await expect(write({ out: join(folder, 'a.tar') })).rejects.toThrow(/a\.tar exists/);
    await write({ out: join(folder, 'a.tar'), count: 1, overwrite: true });
    expect((await entriesOf(join(folder, 'a.tar'))).size).toBe(3);
  });

  test('leave nothing behind if they cannot be made', async () => {
    const out = join(folder, 'none.tar');
    await expect(write({ out, data: join(folder, 'pngs') })).rejects.toThrow(/no HDR files/);
    expect((await readdir(folder)).filter((name) => name.startsWith('none'))).toEqual([]);
  });
});
