/**
 * Builds everything into dist/. As `prepare` (with the flag --prepare) it is silent, and does nothing where the
 * development dependencies are not installed, as in `npm ci --omit=dev`.
 */
import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { chmod, lstat, rm, symlink } from 'node:fs/promises';
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

/** npx finds the command of the folder it stands in by itself, but npm 10 builds it anew each time; not so here. */
async function linkForNpx() {
  const link = at('node_modules/.bin/glocal');
  if (process.platform === 'win32' || !existsSync(at('node_modules/.bin'))) return;
  if (await lstat(link).catch(() => null)) return;
  await symlink('../../dist/node/glocal.js', link);
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

const started = performance.now();
if (existsSync(at('src/index.ts'))) await buildBrowserLibrary();
await buildForNode();
await buildPages();
await emitTypes();
if (isPrepare) await linkForNpx();
if (!isPrepare) console.log(`built in ${((performance.now() - started) / 1000).toFixed(1)} s`);
