import { execFile } from 'node:child_process';
import { existsSync, readdirSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'vite';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { findBundle } from '../../src/gpu/node/bundled';
import { ICD_FOLDERS } from '../../src/gpu/node/drivers';
import { tinyWeights } from '../enhance/support';

/**
 * Imports the library as a program does, on a machine without a Vulkan driver: the loader is told to ignore the
 * machine's drivers. Nothing restarts the process, and nothing was set before it started.
 */

const repository = fileURLToPath(new URL('../..', import.meta.url));

const systemDrivers = ICD_FOLDERS.filter(existsSync)
  .flatMap((folder) => readdirSync(folder))
  .join(',');

/** Enhances a few pixels, and prints the adapter and the Vulkan variables of the environment afterwards. */
const ENHANCE = `
import { readFileSync } from 'node:fs';
import { Enhancer } from './index.js';
const enhancer = await Enhancer.create({ model: readFileSync(new URL('tiny.safetensors', import.meta.url)) });
const { data } = await enhancer.run({ data: new Uint8Array(3 * 64).fill(60), width: 8, height: 8, channels: 3 });
const set = Object.keys(process.env).filter((name) => /^VK_(ICD|DRIVER)/.test(name));
console.log(JSON.stringify({ device: enhancer.adapter.architecture, values: data.length, set }));
await enhancer.dispose();
`;

/** Opens a device only. */
const OPEN = `
import { openNodeGpu } from './index.js';
try {
  const gpu = await openNodeGpu();
  console.log(JSON.stringify({ device: gpu.traits.architecture }));
  gpu.destroy();
} catch (error) {
  console.log(JSON.stringify({ name: error.name, message: error.message }));
}
`;

const inWorker = (options: string) => `
import { once } from 'node:events';
import { SHARE_ENV, Worker } from 'node:worker_threads';
await once(new Worker(new URL('open.mjs', import.meta.url), ${options}), 'exit');
`;

let folder: string;

beforeAll(async () => {
  folder = await mkdtemp(join(repository, 'node_modules', '.glocal-fresh-'));
  await build({
    configFile: join(repository, 'vite.node.config.ts'),
    logLevel: 'error',
    build: { outDir: folder, rollupOptions: { input: { index: join(repository, 'src/index-node.ts') } } },
  });
  const files = {
    'tiny.safetensors': tinyWeights(),
    'enhance.mjs': ENHANCE,
    'open.mjs': OPEN,
    'worker.mjs': inWorker('{}'),
    'sharing-worker.mjs': inWorker('{ env: SHARE_ENV }'),
  };
  for (const [name, content] of Object.entries(files)) await writeFile(join(folder, name), content);
});
afterAll(() => rm(folder, { recursive: true, force: true }));

function run(file: string, environment: Record<string, string> = {}): Promise<Record<string, unknown>> {
  const { GLOCAL_DRIVER, VK_ICD_FILENAMES, VK_DRIVER_FILES, ...plain } = process.env;
  const env = { ...plain, VK_LOADER_DRIVERS_DISABLE: systemDrivers, ...environment };
  return new Promise((resolve, reject) => {
    execFile(process.execPath, [join(folder, file)], { env }, (error, stdout, stderr) => {
      if (error) reject(new Error(stderr, { cause: error }));
      else resolve(JSON.parse(stdout));
    });
  });
}

describe.skipIf(!findBundle())('a program on a machine without a Vulkan driver', () => {
  it('computes on SwiftShader from npm; its environment stays unchanged', async () => {
    expect(await run('enhance.mjs')).toEqual({ device: 'swiftshader', values: 3 * 64, set: [] });
  });

  it('is told what to do if SwiftShader must not be used, and the advice works', async () => {
    const { name, message } = await run('open.mjs', { GLOCAL_DRIVER: 'system' });
    expect(name).toBe('AdapterError');
    expect(message).toMatch(/^No graphics device for Node\. .*mesa-vulkan-drivers.*GLOCAL_DRIVER/);
    expect(await run('open.mjs', { GLOCAL_DRIVER: 'swiftshader' })).toEqual({ device: 'swiftshader' });
  });

  it('in a worker thread is told how to start it, and the advice works', async () => {
    const { name, message } = await run('worker.mjs');
    expect([name, message]).toEqual(['AdapterError', expect.stringMatching(/\{ env: SHARE_ENV \}/)]);
    expect(await run('sharing-worker.mjs')).toEqual({ device: 'swiftshader' });
  });
});
