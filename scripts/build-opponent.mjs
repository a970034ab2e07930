/**
 * Adds TensorFlow.js to a built page, for `bench.html`: `node scripts/build-opponent.mjs [SITE]` (default: dist/app),
 * after `npm run build` and `npm ci --prefix bench/opponents`. Other pages do not load it.
 */
import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'vite';

const root = fileURLToPath(new URL('..', import.meta.url));
const site = resolve(process.argv[2] ?? join(root, 'dist', 'app'));
const missing = [join(site, 'bench.html'), join(root, 'bench/opponents/node_modules/@tensorflow')].filter(
  (path) => !existsSync(path),
);
if (missing.length > 0) {
  console.error(`${missing.join(' and ')} is missing. Run: npm run build && npm ci --prefix bench/opponents`);
  process.exit(1);
}
await build({
  root,
  configFile: false,
  publicDir: false,
  build: {
    outDir: join(site, 'opponents'),
    emptyOutDir: true,
    target: 'es2022',
    rollupOptions: { checks: { pluginTimings: false } },
    lib: { entry: join(root, 'bench/opponents/tfjs.ts'), formats: ['es'], fileName: () => 'tfjs.js' },
  },
});
