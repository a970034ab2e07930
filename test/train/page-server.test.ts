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
      checkpoint: async () => {},
      best: async () => {},
      final: async () => {},
    },
    signal: new AbortController().signal,
    say: () => {},
  };
  server = await servePage(root, job, (end) => ends.push(end));
});
afterAll(async () => {
  await server.close();
  rmSync(root, { recursive: true, force: true });
});

describe('the server of the training page', () => {
  test('says why a file cannot be read, so that the page leaves it out and goes on, as Node does', async () => {
    const notices: string[] = [];
    const sources = ['whole', 'gone', 'text.jpg'].map((name, number) =>
      webSceneSource({ name, url: `${server.url}/run/scene/${number}` }),
    );
    const cache = new SceneCache(sources, { maxBytes: 1e9, onNotice: (message) => notices.push(message) });
    const scenes = await Promise.all(sources.map((_, index) => cache.get(index)));
    expect(scenes.map((scene) => scene?.name)).toEqual(['whole', undefined, undefined]);
    expect(notices.sort()).toEqual([
      expect.stringMatching(/^gone: left out\. ENOENT/),
      expect.stringMatching(/^text\.jpg: left out\. Not a photo that can be decoded .*use JPEG/),
    ]);
    expect(ends).toEqual([]);
  });

  test('ends the run when what the page sends cannot be kept', async () => {
    const { status } = await fetch(`${server.url}/run/log`, { method: 'POST', body: '{}' });
    expect(status).toBe(500);
    expect(ends).toEqual([{ error: { name: 'Error', message: 'no log here' } }]);
  });
});
