import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { defineConfig, type Plugin } from 'vite';
import { fillMarkup } from './src/app/text/fill-markup';

/** The web page: `npm run dev`, and `dist/app`, which any static server can hold in any folder. */

const path = (relative: string) => fileURLToPath(new URL(relative, import.meta.url));

/** While developing, vite puts styles and its socket into the page, which the policy of the page forbids. */
const relaxPolicyWhileDeveloping: Plugin = {
  name: 'relax-policy-while-developing',
  apply: 'serve',
  transformIndexHtml: (html) => html.replace(/<meta\s+http-equiv="Content-Security-Policy"[^>]*>/, ''),
};

/** The markup names its texts; what a visitor gets says them, in English until the script knows better. */
const putTextsIntoMarkup: Plugin = {
  name: 'put-texts-into-markup',
  transformIndexHtml: { order: 'pre', handler: fillMarkup },
};

/** Kept for offline use only by those who have chosen them; the default model is kept in any case. */
const LARGE_WEIGHTS = /^assets\/(?!instant-).*\.safetensors$/;

/** Settings for static hosts, which do not serve it. */
const HOST_HEADERS = '_headers';

/** Tells the service worker the files of the build, and a version that changes whenever one of them does. */
const listFilesForOffline: Plugin = {
  name: 'list-files-for-offline',
  apply: 'build',
  generateBundle: {
    order: 'post',
    handler(_, bundle) {
      const worker = bundle['service-worker.js'];
      if (worker?.type !== 'chunk')
        throw new Error('The build has no service-worker.js to tell its files to.');
      const built = Object.keys(bundle).filter(
        (name) =>
          name !== 'service-worker.js' &&
          name !== 'index.html' &&
          !name.startsWith('.vite/') &&
          !LARGE_WEIGHTS.test(name),
      );
      const copied = readdirSync(path('src/app/public')).filter((name) => name !== HOST_HEADERS);
      const files = [...built, ...copied].sort();
      const hash = createHash('sha256');
      for (const name of copied) hash.update(readFileSync(path(`src/app/public/${name}`)));
      for (const file of Object.values(bundle)) hash.update(file.type === 'chunk' ? file.code : file.source);
      worker.code = worker.code
        .replaceAll('__FILES__', JSON.stringify(files))
        .replaceAll('__VERSION__', JSON.stringify(hash.digest('hex').slice(0, 16)));
    },
  },
};

export default defineConfig({
  root: path('src/app'),
  base: './',
  plugins: [putTextsIntoMarkup, relaxPolicyWhileDeveloping, listFilesForOffline],
  worker: { format: 'es' },
  // No page of another origin reads what the server for development has.
  server: { cors: false, fs: { allow: [path('.')] } },
  build: {
    outDir: path('dist/app'),
    emptyOutDir: true,
    target: 'es2022',
    // The page's policy allows no data: URLs.
    assetsInlineLimit: 0,
    rollupOptions: { checks: { pluginTimings: false } },
    modulePreload: { polyfill: false },
    rolldownOptions: {
      input: {
        index: path('src/app/index.html'),
        bench: path('src/app/bench.html'),
        live: path('src/app/live.html'),
        train: path('src/app/train.html'),
        'service-worker': path('src/app/service-worker.ts'),
      },
      output: {
        // A service worker must keep its address.
        entryFileNames: ({ name }) => (name === 'service-worker' ? '[name].js' : 'assets/[name]-[hash].js'),
      },
    },
  },
});
