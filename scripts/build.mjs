/**
 * Builds everything into dist/. As `prepare` (with the flag --prepare) it is silent, and does nothing if the
 * development dependencies are not installed, as in `npm ci --omit=dev`.
 */
import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { chmod, copyFile, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { isUpToDate, markBuilt } from './freshness.mjs';
import { LICENCE_LIST, recordPackages, writeNotices } from './notices.mjs';

const root = fileURLToPath(new URL('..', import.meta.url));
const at = (path) => join(root, path);
const run = promisify(execFile);
const isPrepare = process.argv.includes('--prepare');

const { build } = await import('vite').catch((error) => {
  if (!isPrepare || error.code !== 'ERR_MODULE_NOT_FOUND') throw error;
  console.log('glocal: not built, because the development dependencies are not installed.');
  process.exit(0);
});

const { buildBrowserLibrary } = await import('./browser-library.mjs');

const license = { fileName: LICENCE_LIST };
/** Packages bundled into workers. */
const inWorkers = new Set();
const worker = { format: 'es', plugins: () => [recordPackages(inWorkers)] };

const common = { root, configFile: false, logLevel: isPrepare ? 'warn' : 'info' };

// Slow plugins on a busy machine are not worth a warning.
const rollupOptions = { checks: { pluginTimings: false } };

async function buildForNode() {
  await build({ configFile: at('vite.node.config.ts'), logLevel: common.logLevel, build: { license } });
  await chmod(at('dist/node/glocal.js'), 0o755);
}

async function buildPages() {
  await build({
    configFile: at('vite.app.config.ts'),
    logLevel: common.logLevel,
    worker,
    build: { license },
  });
  await build({
    ...common,
    root: at('src/train/page'),
    base: './',
    worker,
    build: { outDir: at('dist/train-page'), emptyOutDir: true, target: 'es2022', rollupOptions, license },
  });
}

/**
 * Browser classes in the types. If TypeScript's library DOM or @webgpu/types define them, an empty interface adds
 * nothing; elsewhere, as in a Node program, it stands in.
 */
const AMBIENT = [
  ...[
    'GPU',
    'GPUAdapterInfo',
    'GPUBindGroup',
    'GPUBuffer',
    'GPUBufferBinding',
    'GPUComputePipeline',
    'GPUDevice',
  ],
  ...['GPUDeviceLostInfo', 'GPUError', 'ImageData'],
]
  .map((name) => `interface ${name} {}\n`)
  .join('');

async function emitTypes() {
  await rm(at('dist/types'), { recursive: true, force: true });
  await run(process.execPath, [at('node_modules/typescript/bin/tsc'), '-p', 'tsconfig.build.json'], {
    cwd: root,
  });
  await writeFile(at('dist/types/ambient.d.ts'), AMBIENT);
  const files = await readdir(at('dist/types'), { recursive: true });
  await Promise.all(
    files.filter((file) => file.endsWith('.d.ts')).map((file) => nameFiles(at('dist/types'), file)),
  );
}

/** Node's resolution of types requires file names in imports; the sources omit the extension. */
async function nameFiles(folder, file) {
  const path = join(folder, file);
  const code = await readFile(path, 'utf8');
  const named = code.replaceAll(/(\bfrom |\bimport\()(['"])(\.[^'"]*)\2/g, (_, before, quote, target) => {
    const isFolder = existsSync(join(path, '..', target, 'index.d.ts'));
    return `${before}${quote}${target}${isFolder ? '/index' : ''}.js${quote}`;
  });
  const isEntry = /^index(-\w+)?\.d\.ts$/.test(file);
  await writeFile(path, isEntry ? `/// <reference path="./ambient.d.ts" />\n${named}` : named);
}

// npx of npm 10 runs `prepare` at every call in the clone.
if (isPrepare && (await isUpToDate(root))) process.exit(0);
const started = performance.now();
await buildBrowserLibrary(at('dist/browser'), common.logLevel, { rollupOptions, license });
await buildForNode();
await buildPages();
await emitTypes();
await writeNotices(['dist/browser', 'dist/node', 'dist/app', 'dist/train-page'].map(at), inWorkers);
// The page is also served on its own.
await copyFile(at('dist/THIRD_PARTY_NOTICES'), at('dist/app/THIRD_PARTY_NOTICES.txt'));
await markBuilt(root);
if (!isPrepare) console.log(`built in ${((performance.now() - started) / 1000).toFixed(1)} s`);
