import { execFile } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import sharp from 'sharp';
import { runnerImport } from 'vite';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { randomImage } from './support';

const repository = fileURLToPath(new URL('../..', import.meta.url));
const at = (path: string) => join(repository, path);
const run = promisify(execFile);

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(at('node_modules/.glocal-code-'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

describe('examples/code', () => {
  it.each([
    ['pages', ['react.tsx', 'worker.ts', 'worker-page.ts', 'video.ts'], 'index.ts'],
    ['server', ['server.ts'], 'index-node.ts'],
  ])('compiles: %s', async (name, files, entry) => {
    const compilerOptions = { jsx: 'react-jsx', paths: { glocal: [at(`src/${entry}`)] } };
    const project = {
      extends: at('tsconfig.json'),
      compilerOptions,
      files: files.map((file) => at(`examples/code/${file}`)),
      include: [],
    };
    const config = join(folder, `${name}.json`);
    await writeFile(config, JSON.stringify(project));
    const compiler = at('node_modules/typescript/bin/tsc');
    const { stdout } = await run(process.execPath, [compiler, '-p', config]).catch((error) => error);
    expect(stdout).toBe('');
  });

  it('serves photos', async () => {
    process.env.PORT = '0';
    const { module } = await runnerImport<{ server: Server }>(at('examples/code/server.ts'), {
      root: repository,
      configFile: false,
      resolve: { alias: { glocal: at('src/index-node.ts') } },
    });
    const { server } = module;
    if (!server.listening) await once(server, 'listening');
    const address = `http://localhost:${(server.address() as AddressInfo).port}`;
    const { data } = randomImage(32, 24);
    const photo = await sharp(data, { raw: { width: 32, height: 24, channels: 4 } })
      .jpeg()
      .toBuffer();
    const good = await fetch(address, { method: 'POST', body: new Uint8Array(photo) });
    expect([good.status, good.headers.get('content-type')]).toEqual([200, 'image/jpeg']);
    const facts = await sharp(await good.arrayBuffer()).metadata();
    expect([facts.width, facts.height]).toEqual([32, 24]);
    const bad = await fetch(address, { method: 'POST', body: '/etc/passwd' });
    expect([bad.status, await bad.text()]).toEqual([422, expect.stringMatching(/not an image/)]);
    server.close();
  });
});
