/**
 * Builds the pages of examples/code as static files, with the library as its users get it: `page.html` imports the
 * package's files from a path, Vite bundles the others.
 *
 *     node scripts/live-examples.mjs OUT [PACKAGE]
 *
 * OUT is emptied first. PACKAGE is a folder with `dist/browser` and `weights`, by default this repository after
 * `npm run build`.
 */
import { cp, readFile, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'vite';

/** Warnings that do not matter here: slow plugins, and a directive that only React's servers read. */
const QUIET = ['PLUGIN_TIMINGS', 'MODULE_LEVEL_DIRECTIVE'];

const root = fileURLToPath(new URL('..', import.meta.url));
const code = join(root, 'examples/code');
const [out, library = root] = process.argv.slice(2).map((path) => resolve(path));
if (!out) throw new Error('Name the folder to build into.');

await build({
  root: code,
  base: './',
  configFile: false,
  logLevel: 'warn',
  resolve: { alias: { glocal: join(library, 'dist/browser/index.js') } },
  worker: { format: 'es' },
  build: {
    outDir: out,
    emptyOutDir: true,
    target: 'es2022',
    assetsInlineLimit: 0,
    rolldownOptions: {
      input: ['react', 'video', 'worker'].map((name) => join(code, `${name}.html`)),
      onwarn: (warning, warn) => QUIET.includes(warning.code) || warn(warning),
    },
  },
});

// Some static hosts leave out folders named node_modules.
const page = await readFile(join(code, 'page.html'), 'utf8');
await writeFile(join(out, 'page.html'), page.replace('./node_modules/glocal/', './glocal/'));
for (const part of ['dist/browser', 'weights/instant.safetensors'])
  await cp(join(library, part), join(out, 'glocal', part), { recursive: true });
