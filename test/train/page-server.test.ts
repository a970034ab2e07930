import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { SceneCache } from '../../src/data/scene-cache';
import { DEFAULT_SYNTHESIS } from '../../src/data/synthesis-config';
import { webSceneSource } from '../../src/data/web-scenes';
import type { StaticServer } from '../../src/gpu/node/serve';
import { networkConfig } from '../../src/model/config';
import type { HarnessJob } from '../../src/train/node/harness';
import { servePage } from '../../src/train/node/page-server';
import type { PageEnd } from '../../src/train/page/protocol';
import { writeScenes } from './scenes';

let root: string;
let server: StaticServer;
const ends: PageEnd[] = [];
/** Files received for the run. */
const kept: string[] = [];

beforeAll(async () => {
  root = mkdtempSync(join(tmpdir(), 'glocal-page-server-'));
  writeScenes(root, ['whole']);
  writeFileSync(join(root, 'text.jpg'), 'These are notes, not light.');
  const job: HarnessJob = {
    config: {
      network: networkConfig({ width: 4, globalWidth: 4 }),
      synthesis: DEFAULT_SYNTHESIS,
      batch: 2,
      schedule: { rate: 0.001, warmup: 0, steps: 1 },
      seed: 1,
      scenes: { train: [], validation: [] },
      validation: { pairs: 0, size: 32, seed: 1 },
    },
    cadence: { validateEvery: 0, checkpointEvery: 1, checkpointMinutes: 0, lossEvery: 1 },
    training: [
      { name: 'whole', path: join(root, 'whole.hdr') },
      { name: 'gone', path: join(root, 'gone.hdr') },
      { name: 'text.jpg', photo: join(root, 'text.jpg') },
    ],
    validation: [],
    checkpoint: undefined,
    workers: 0,
    output: {
      log: async () => {
        throw new Error('no log here');
      },
      checkpoint: async (step) => void kept.push(`checkpoint ${step}`),
      best: async () => void kept.push('best'),
      final: async () => void kept.push('final'),
      previews: async (step) => void kept.push(`previews ${step}`),
    },
    signal: new AbortController().signal,
    onNotice: () => {},
  };
  server = await servePage(root, job, (end) => ends.push(end));
});
afterAll(async () => {
  await server.close();
  rmSync(root, { recursive: true, force: true });
});

describe('the server of the training page', () => {
  test('says why a file cannot be read, so that the page skips it and continues, as in Node', async () => {
    const notices: string[] = [];
    const sources = ['whole', 'gone', 'text.jpg'].map((name, number) =>
      webSceneSource({ name, url: `${server.url}run/scene/${number}` }),
    );
    const cache = new SceneCache(sources, { maxBytes: 1e9, onNotice: (message) => notices.push(message) });
    const scenes = await Promise.all(sources.map((_, index) => cache.get(index)));
    expect(scenes.map((scene) => scene?.name)).toEqual(['whole', undefined, undefined]);
    expect(notices.sort()).toEqual([
      expect.stringMatching(/^gone: left out\. ENOENT/),
      expect.stringMatching(/^text\.jpg: left out\. .* not an image that can be read\. Use JPEG/),
    ]);
    expect(ends).toEqual([]);
  });

  test('ends the run when what the page sends cannot be kept', async () => {
    const { status } = await fetch(`${server.url}run/log`, { method: 'POST', body: '{}' });
    expect(status).toBe(500);
    expect(ends).toEqual([{ error: { name: 'Error', message: 'no log here' } }]);
  });

  const post = (path: string, body: BodyInit, headers: HeadersInit = {}) =>
    fetch(new URL(path, server.url), { method: 'POST', body, headers });

  test("refuses bodies larger than the run's network can explain", async () => {
    kept.length = 0;
    const ended = ends.length;
    const megabytes = (count: number) => new Uint8Array(count * 2 ** 20);
    // Without a length in the header too: it is counted.
    let left = 64;
    const stream = new ReadableStream({
      pull(controller) {
        // Node's fetch sometimes goes on reading after the server has hung up, so the body must end.
        if (left-- > 0) controller.enqueue(megabytes(1));
        else controller.close();
      },
    });
    for (const path of ['run/best', 'run/final', 'run/checkpoint/1']) {
      expect((await post(path, megabytes(64))).status).toBe(413);
    }
    for (const path of ['run/log', 'run/notice', 'run/end', 'run/previews/1']) {
      expect((await post(path, megabytes(2))).status).toBe(413);
    }
    const unmeasured = { method: 'POST', body: stream, duplex: 'half' } as RequestInit;
    await fetch(new URL('run/best', server.url), unmeasured).then(
      ({ status }) => expect(status).toBe(413),
      // The server hung up while the client still wrote.
      (error) => expect(error).toBeInstanceOf(TypeError),
    );
    expect(kept).toEqual([]);
    expect(ends).toHaveLength(ended);
  });

  test.each([
    'run/checkpoint',
    'run/checkpoint/',
    'run/checkpoint/-1',
    'run/checkpoint/1e3',
    'run/checkpoint/..%2f..%2fbest',
    'run/checkpoint/1/best.safetensors',
    'run/best/1',
    'run/weights',
    'run/constructor',
    'run/__proto__',
    'run/',
  ])('knows no %s', async (path) => {
    kept.length = 0;
    expect((await post(path, 'x')).status).toBe(405);
    expect(kept).toEqual([]);
  });

  test.each(['run/scene/', 'run/scene/0.0', 'run/scene', 'run/job/1'])('does not serve %s', async (path) => {
    expect((await fetch(new URL(path, server.url))).status).toBe(404);
  });

  test('stores what the page itself sends', async () => {
    kept.length = 0;
    for (const path of ['run/checkpoint/1', 'run/best', 'run/final', 'run/previews/1']) {
      expect((await post(path, 'x')).status).toBe(200);
    }
    expect(kept).toEqual(['checkpoint 1', 'best', 'final', 'previews 1']);
  });

  test('reveals nothing and stores nothing if secret, Host or Origin is wrong', async () => {
    kept.length = 0;
    const ended = ends.length;
    const { origin } = new URL(server.url);
    const paths = ['run/best', 'run/final', 'run/checkpoint/1', 'run/end', 'run/notice'];
    for (const path of paths) {
      expect((await fetch(`${origin}/${path}`, { method: 'POST', body: 'x' })).status).toBe(403);
      expect((await post(path, 'x', { origin: 'https://evil.example' })).status).toBe(403);
    }
    expect((await fetch(`${origin}/run/job`)).status).toBe(403);
    expect((await fetch(`${origin}/run/scene/0`)).status).toBe(403);
    expect(kept).toEqual([]);
    expect(ends).toHaveLength(ended);
  });
});
