import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vite';
import project from './package.json' with { type: 'json' };

const repository = fileURLToPath(new URL('.', import.meta.url));

/** Entries in dist/node: the library, the command, and the threads that make training pairs and measure pictures. */
const entries = {
  index: `${repository}src/index-node.ts`,
  train: `${repository}src/index-train.ts`,
  glocal: `${repository}src/cli/start.ts`,
  worker: `${repository}src/data/node/worker.ts`,
  'eval-worker': `${repository}src/eval/node/worker.ts`,
};

/** For Node. The optional packages stay outside, everything else is bundled. */
export default defineConfig({
  root: repository,
  publicDir: false,
  ssr: {
    target: 'node',
    noExternal: true,
    external: Object.keys(project.peerDependencies),
  },
  build: {
    outDir: `${repository}dist/node`,
    emptyOutDir: true,
    target: 'node20',
    ssr: true,
    minify: false,
    rollupOptions: {
      checks: { pluginTimings: false },
      input: entries,
      // Side by side, because modules name the worker by its path beside their own.
      output: { entryFileNames: '[name].js', chunkFileNames: '[name]-[hash].js' },
    },
  },
});
