import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { build } from 'vite';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readBundledScene } from '../../../src/data/node/bundled-scenes';
import { makeValidation, measureScenes, type NodePairOptions, openPairs } from '../../../src/data/node/pairs';
import type { SceneFile } from '../../../src/data/node/scene-file';
import { listScenes } from '../../../src/data/node/scenes';
import { DEFAULT_SYNTHESIS } from '../../../src/data/synthesis-config';
import { InputError } from '../../../src/errors';
import { encodeRadiance, proceduralImage } from '../procedural';

let folder: string;
let scenes: SceneFile[];
let workerUrl: URL;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'glocal-pairs-'));
  await mkdir(join(folder, 'hdr'));
  for (const [i, name] of ['a', 'b', 'c', 'd'].entries()) {
    await writeFile(join(folder, 'hdr', `${name}.hdr`), encodeRadiance(proceduralImage(64, 32, i)));
  }
  await writeFile(join(folder, 'hdr', 'bad.hdr'), 'not a picture');
  await writeFile(join(folder, 'hdr', 'photo.hdr'), encodeRadiance(proceduralImage(40, 30, 9)));
  scenes = await listScenes(join(folder, 'hdr'));
  const worker = fileURLToPath(new URL('../../../src/data/node/worker.ts', import.meta.url));
  await build({
    configFile: false,
    logLevel: 'silent',
    ssr: { noExternal: true },
    build: {
      ssr: worker,
      outDir: folder,
      emptyOutDir: false,
      rolldownOptions: { output: { entryFileNames: 'worker.mjs' } },
    },
  });
  workerUrl = pathToFileURL(join(folder, 'worker.mjs'));
});

afterAll(() => rm(folder, { recursive: true }));

const config = { ...DEFAULT_SYNTHESIS, patch: 16 };
const options = (more: Partial<NodePairOptions> = {}) => ({
  scenes,
  seed: 7,
  config,
  workers: 0,
  onNotice: () => {},
  workerUrl,
  ...more,
});

async function firstPairs(count: number, more: Partial<NodePairOptions> = {}) {
  const pairs = openPairs(options(more));
  try {
    return await Promise.all(Array.from({ length: count }, (_, k) => pairs.make(k)));
  } finally {
    await pairs.close();
  }
}

describe('openPairs', () => {
  it('makes the same pairs with any number of workers, and names a bad scene once', async () => {
    const expected = await firstPairs(12);
    for (const workers of [1, 3]) {
      const notices: string[] = [];
      const pairs = await firstPairs(12, { workers, onNotice: (message) => notices.push(message) });
      expect(pairs).toEqual(expected);
      expect(notices).toEqual([expect.stringMatching(/^bad: left out\..*Not an HDR file/)]);
    }
  });

  it('makes the same pairs in any order and with hardly any memory', async () => {
    const expected = await firstPairs(12);
    const pairs = openPairs(options({ maxBytes: 1 }));
    for (const k of [11, 2, 7, 2, 0]) expect(await pairs.make(k)).toEqual(expected[k]);
  });

  describe('with a file that keeps its decoder busy forever', () => {
    let broken: SceneFile[];
    const decodeBudget = { base: 1, perMegapixel: 0, clockFactor: 2 };
    const path = () => join(folder, 'endless', 'hdr.exr');

    /** With one byte of its first Huffman table altered, the loader of three 0.187 never ends. */
    async function writeEndless(): Promise<void> {
      const bytes = Uint8Array.from(await readBundledScene('apartment.exr.js'));
      bytes[5122] = 216;
      await writeFile(path(), bytes);
    }

    beforeAll(async () => {
      await mkdir(join(folder, 'endless'));
      broken = [...scenes, { name: 'endless', path: path() }];
    });

    it('ends the worker, leaves the file out by name, and continues as if it were absent', async () => {
      await writeFile(path(), 'merely damaged');
      const expected = await firstPairs(12, { scenes: broken });
      await writeEndless();
      const notices: string[] = [];
      const onNotice = (message: string) => notices.push(message);
      const pairs = await firstPairs(12, { scenes: broken, workers: 1, decodeBudget, onNotice });
      expect(pairs).toEqual(expected);
      expect(notices.filter((notice) => notice.startsWith('endless'))).toEqual([
        expect.stringMatching(/^endless: left out\. It kept its decoder busy for more than 1 s/),
      ]);
      expect(notices).toHaveLength(2);
    });

    it('does so among the validation scenes', async () => {
      await writeEndless();
      const notices: string[] = [];
      const validation = { count: 4, seed: 1, config, onNotice: (message: string) => notices.push(message) };
      const pool = { workers: 1, workerUrl, decodeBudget };
      const pairs = await makeValidation(broken, { ...validation, ...pool });
      expect(pairs).toEqual(await makeValidation(scenes, { ...validation, onNotice: () => {}, workers: 0 }));
      expect(notices.filter((notice) => notice.startsWith('endless: left out'))).toHaveLength(1);
    });

    it('does so when scenes are measured, which then need not be tried again', async () => {
      await writeEndless();
      const notices: string[] = [];
      const onNotice = (message: string) => notices.push(message);
      const measured = await measureScenes(broken, { workers: 1, workerUrl, decodeBudget, onNotice });
      // Which file is read first is not settled.
      expect(notices.map((notice) => notice.split('.')[0]).sort()).toEqual([
        'bad: left out',
        'endless: left out',
      ]);
      expect(measured.slice(0, -1)).toEqual(await measureScenes(scenes, { workers: 0, onNotice: () => {} }));
      const unusable = broken.flatMap((_, i) => (measured[i] ? [] : [i]));
      expect(unusable.map((i) => broken[i]!.name)).toEqual(['bad', 'endless']);
      for (const workers of [0, 1]) {
        const pairs = await firstPairs(12, { scenes: broken, workers, unusable, onNotice });
        expect(pairs).toHaveLength(12);
      }
      expect(notices).toHaveLength(2);
    });
  });

  it('fails all current and later pairs when a worker dies', async () => {
    const crashing = join(folder, 'crash.mjs');
    await writeFile(
      crashing,
      "import { parentPort } from 'node:worker_threads'; parentPort.on('message', (m) => { if (m.type === 'order') throw new Error('boom'); });",
    );
    const pairs = openPairs({ ...options({ workers: 2 }), workerUrl: pathToFileURL(crashing) });
    const asked = [pairs.make(0), pairs.make(1), pairs.make(2)];
    for (const result of await Promise.allSettled(asked)) {
      expect(result).toMatchObject({
        status: 'rejected',
        reason: { message: expect.stringContaining('boom') },
      });
    }
    await expect(pairs.make(3)).rejects.toThrow('boom');
    await pairs.close();
  });

  it('fails when the worker cannot be started', async () => {
    const pairs = openPairs({
      ...options({ workers: 1 }),
      workerUrl: pathToFileURL(join(folder, 'absent.mjs')),
    });
    await expect(pairs.make(0)).rejects.toThrow(/worker that makes training pairs ended/);
    await pairs.close();
  });

  it('fails pending pairs when it is closed', async () => {
    const pairs = openPairs(options({ workers: 1 }));
    const asked = expect(pairs.make(0)).rejects.toThrow('closed');
    await pairs.close();
    await asked;
  });

  it('says so when no scene is usable', async () => {
    const bad = scenes.filter(({ name }) => name === 'bad');
    for (const workers of [0, 1]) {
      const pairs = openPairs({ ...options({ workers }), scenes: bad });
      await expect(pairs.make(0)).rejects.toThrow(InputError);
      await pairs.close();
    }
  });
});
