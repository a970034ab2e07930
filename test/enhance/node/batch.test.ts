import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import sharp from 'sharp';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Enhancer } from '../../../src/enhance/enhancer';
import type { RunOptions } from '../../../src/enhance/enhancer-options';
import { type FileResult, Session } from '../../../src/enhance/node/batch';
import { AbortError, AdapterError, DeviceLostError, MemoryError } from '../../../src/errors';
import type { RasterImage } from '../../../src/photo/image';

const COUNT = 6;

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'glocal-session-'));
  for (let i = 0; i < COUNT; i++) {
    const picture = sharp({ create: { width: 8 + i, height: 4, channels: 3, background: '#345' } });
    await picture.png().toFile(join(folder, `${i}.png`));
  }
});
afterAll(() => rm(folder, { recursive: true, force: true }));

type Run = (image: RasterImage, options: RunOptions) => Promise<RasterImage>;

let sessions = 0;

/** A session whose enhancer follows the test; its reports; and a way to run the photos. */
function session(run: Run, jobs = 1) {
  const lines: string[] = [];
  const progress: number[] = [];
  const names = new Set<string>();
  const results: FileResult[] = [];
  const reporter = {
    announce: (line: string) => lines.push(line),
    progress: (done: number, _: number, name: string) => {
      progress.push(done);
      names.add(name);
    },
    result: (result: FileResult) => results.push(result),
    end: () => undefined,
  };
  const enhancer: Enhancer = Object.create(Enhancer.prototype, {
    run: { value: run },
    deviceBytes: { value: 1 },
    dispose: { value: async () => undefined },
  });
  const opened = new Session(
    enhancer,
    { strength: 1, keepHue: false, finish: true, jobs, existing: 'refuse' },
    reporter,
  );
  const out = join(folder, `out-${++sessions}`);
  const photos = Array.from({ length: COUNT }, (_, i) => {
    return { input: join(folder, `${i}.png`), output: join(out, `${i}.png`) };
  });
  const start = (signal = new AbortController().signal) => opened.enhanceAll(photos, signal);
  return { start, lines, progress, names, results, out };
}

const pause = () => new Promise((resolve) => setTimeout(resolve, 5));

describe('Session', () => {
  it('retries a photo once when the device is lost', async () => {
    let calls = 0;
    const once = session(async (image) => {
      if (++calls === 2) throw new DeviceLostError('The device was lost.');
      return image;
    });
    const results = await once.start();
    expect(results.map(({ error }) => error)).toEqual(Array(COUNT).fill(undefined));
    expect([calls, once.lines.length]).toEqual([COUNT + 1, 1]);
    expect(once.lines[0]).toMatch(/1\.png again/);
    const always = session(async () => {
      throw new DeviceLostError('The device was lost.');
    });
    expect((await always.start()).every(({ error }) => error === 'The device was lost.')).toBe(true);
  });

  it('continues after a photo that fails, and keeps the order of the photos', async () => {
    const { start, progress } = session(async (image) => {
      if (image.width === 10) throw new MemoryError('too large');
      for (let i = image.width; i < 14; i++) await pause();
      return image;
    }, 3);
    const results = await start();
    expect(results.map(({ width, error }) => width ?? error)).toEqual([8, 9, 'too large', 11, 12, 13]);
    expect(progress.at(-1)).toBeLessThanOrEqual(COUNT);
  });

  it('says how many kernels the first photo still waits for', async () => {
    const { start, names } = session(async (image, { onCompile }) => {
      if (image.width === 8) onCompile!(3, 12);
      return image;
    });
    await start();
    const photos = Array.from({ length: COUNT }, (_, i) => join(folder, `${i}.png`));
    expect([...names]).toEqual([photos[0], `${photos[0]}, 3 of 12 kernels compiled`, ...photos.slice(1)]);
  });

  it('holds only as many photos as allowed', async () => {
    let [now, most] = [0, 0];
    let met = () => {};
    const meeting = new Promise<void>((resolve) => {
      met = resolve;
    });
    const { start } = session(async (image) => {
      most = Math.max(most, ++now);
      if (now === 2) met();
      // However long each was decoded: the first waits until there is a second.
      await meeting;
      await pause();
      now--;
      return image;
    }, 2);
    await start();
    expect(most).toBe(2);
  });

  it('starts no photo after a signal, and leaves no partial file', async () => {
    const controller = new AbortController();
    const { start, out } = session(async (image, { signal }) => {
      if (image.width === 10) controller.abort();
      if (signal?.aborted) throw new AbortError('stopped');
      return image;
    });
    const results = await start(controller.signal);
    expect(results.map(({ error }) => error)).toEqual([undefined, undefined, 'interrupted']);
    expect((await readdir(out)).sort()).toEqual(['0.png', '1.png']);
  });

  it('fails in one sentence for each photo whose folder cannot be created', async () => {
    const { start, out } = session(async (image) => image);
    // A file is in the way.
    await writeFile(out, '');
    const results = await start();
    expect(results.map(({ error }) => error)).toEqual(
      Array(COUNT).fill(
        expect.stringMatching(/^the output folder .* cannot be created: .*EEXIST.*Choose another with -o\.$/),
      ),
    );
  });

  it('ends when there is no device left', async () => {
    let calls = 0;
    const { start } = session(async () => {
      calls++;
      throw new AdapterError('no adapter');
    }, 2);
    await expect(start()).rejects.toThrow(AdapterError);
    expect(calls).toBeLessThanOrEqual(2);
  });
});
