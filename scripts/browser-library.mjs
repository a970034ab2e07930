import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'vite';

const root = fileURLToPath(new URL('..', import.meta.url));

/** Leaves the URLs of weights unchanged, for the bundler of the library's user: Vite would inline the files. */
const keepWeightAddresses = {
  name: 'keep-weight-addresses',
  enforce: 'pre',
  transform: (code, id) =>
    id.endsWith('/src/enhance/models.ts')
      ? code.replaceAll("new URL('", "new URL(/* @vite-ignore */ '")
      : null,
  renderChunk: (code) => code.replaceAll(/\/\* @vite-ignore \*\/\s*/g, ''),
};

/**
 * Builds the library for browsers, self-contained ES modules, into `outDir`, which lies two folders below that of the
 * weights. `options` are further settings of Vite's build.
 */
export async function buildBrowserLibrary(outDir, logLevel, options = {}) {
  await build({
    root,
    configFile: false,
    logLevel,
    plugins: [keepWeightAddresses],
    build: {
      ...options,
      outDir,
      emptyOutDir: true,
      target: 'es2022',
      minify: false,
      lib: {
        entry: { index: join(root, 'src/index.ts'), train: join(root, 'src/index-train.ts') },
        formats: ['es'],
      },
    },
  });
}
