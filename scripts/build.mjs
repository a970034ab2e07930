/**
 * Builds everything into dist/. As `prepare` (with the flag --prepare) it is silent, and does nothing where the
 * development dependencies are not installed, as in `npm ci --omit=dev`.
 */
import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { chmod, readdir, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

const root = fileURLToPath(new URL('..', import.meta.url));
const at = (path) => join(root, path);
const run = promisify(execFile);
const isPrepare = process.argv.includes('--prepare');

const { build } = await import('vite').catch((error) => {
  if (!isPrepare || error.code !== 'ERR_MODULE_NOT_FOUND') throw error;
  console.log('glocal: not built, as the development dependencies are not installed.');
  process.exit(0);
});

const common = { root, configFile: false, logLevel: isPrepare ? 'warn' : 'info' };

// How long plugins take on a busy machine is no news.
const rollupOptions = { checks: { pluginTimings: false } };

/** The library for browsers: ES modules, everything it needs inside. */
async function buildBrowserLibrary() {
  await build({
    ...common,
    build: {
      outDir: at('dist/browser'),
      target: 'es2022',
      minify: false,
      rollupOptions,
      lib: { entry: { index: at('src/index.ts') }, formats: ['es'] },
    },
  });
}

async function buildForNode() {
  await build({ configFile: at('vite.node.config.ts'), logLevel: common.logLevel });
  await chmod(at('dist/node/glocal.js'), 0o755);
}

/** What the build reads. */
const INPUTS = ['src', 'shaders', 'weights', 'examples', 'scripts', 'package.json', 'package-lock.json'];

/** Marks a finished build; `npm ci` sweeps it away with the rest of the folder. */
const STAMP = 'node_modules/.glocal-built';

/** npx of npm 10 runs `prepare` each time it is called in the clone: then there is nothing to do. */
async function isUpToDate() {
  const stamp = await stat(at(STAMP)).catch(() => null);
  if (!stamp || !existsSync(at('dist'))) return false;
  const configurations = (await readdir(root)).filter((name) => /^(vite|tsconfig).*\.(ts|json)$/.test(name));
  for (const input of [...INPUTS, ...configurations]) {
    if ((await newestChange(input)) > stamp.mtimeMs) return false;
  }
  return true;
}

/** When a file, or anything in a folder, was changed last. */
async function newestChange(path) {
  if (!existsSync(at(path))) return 0;
  const status = await stat(at(path));
  if (!status.isDirectory()) return status.mtimeMs;
  const within = await Promise.all((await readdir(at(path))).map((name) => newestChange(join(path, name))));
  return Math.max(status.mtimeMs, ...within);
}

async function buildPages() {
  if (existsSync(at('weights/nano.safetensors'))) {
    await build({ configFile: at('vite.app.config.ts'), logLevel: common.logLevel });
  } else {
    console.warn('The web page is left out: weights/nano.safetensors does not exist yet.');
  }
  if (!existsSync(at('src/train/page/index.html'))) return;
  await build({
    ...common,
    root: at('src/train/page'),
    base: './',
    worker: { format: 'es' },
    build: { outDir: at('dist/train-page'), emptyOutDir: true, target: 'es2022', rollupOptions },
  });
}

async function emitTypes() {
  if (!existsSync(at('src/index.ts')) || !existsSync(at('src/index-node.ts'))) return;
  await rm(at('dist/types'), { recursive: true, force: true });
  await run(process.execPath, [at('node_modules/typescript/bin/tsc'), '-p', 'tsconfig.build.json'], {
    cwd: root,
  });
}

if (isPrepare && (await isUpToDate())) process.exit(0);
const started = performance.now();
if (existsSync(at('src/index.ts'))) await buildBrowserLibrary();
await buildForNode();
await buildPages();
await emitTypes();
await writeFile(at(STAMP), '');
if (!isPrepare) console.log(`built in ${((performance.now() - started) / 1000).toFixed(1)} s`);
